package io.equator.model.expression;

import io.equator.model.item.AttributeValue;
import io.equator.model.key.KeyCodec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A key condition bound to the key of a table or an index: one item collection, and a range in it.
 *
 * @param partition the values of the partition key's attributes, in the key's order
 * @param sortEqual the values that the first sort-key attributes must equal, in the key's order;
 *     with a single sort key none or one
 * @param sort what is asked of the sort-key attribute after those, if anything
 */
public record BoundKeyCondition(
    List<AttributeValue> partition, List<AttributeValue> sortEqual, Optional<SortCondition> sort) {
  private static final byte[] NOTHING = {};

  /** Copies the lists. */
  public BoundKeyCondition {
    partition = List.copyOf(partition);
    sortEqual = List.copyOf(sortEqual);
  }

  /** Whether anything is asked of the sort key. */
  public boolean narrowsSort() {
    return !sortEqual.isEmpty() || sort.isPresent();
  }

  /**
   * Whether a key of the collection is in the range.
   *
   * @param sortKey the values of all sort-key attributes, in the key's order
   */
  public boolean matchesSort(List<AttributeValue> sortKey) {
    for (int i = 0; i < sortEqual.size(); i++) {
      if (!sortEqual.get(i).equals(sortKey.get(i))) {
        return false;
      }
    }
    return sort.isEmpty() || sort.get().matches(sortKey.get(sortEqual.size()));
  }

  /**
   * The range that the condition cuts out of the item collection. Encoded keys show where they end,
   * so more key attributes may follow in each key.
   */
  public SortBounds sortBounds() {
    byte[] equal = NOTHING;
    for (AttributeValue value : sortEqual) {
      equal = join(equal, KeyCodec.encode(value));
    }
    byte[] end = KeyCodec.successor(equal);
    if (sort.isEmpty()) {
      return new SortBounds(equal, end);
    }
    byte[] lower = equal;
    byte[] upper = end;
    switch (sort.get()) {
      case SortCondition.Below(AttributeValue bound, boolean orEqual) ->
          upper = at(equal, bound, orEqual);
      case SortCondition.Above(AttributeValue bound, boolean orEqual) ->
          lower = at(equal, bound, !orEqual);
      case SortCondition.Within(AttributeValue least, AttributeValue most) -> {
        lower = at(equal, least, false);
        upper = at(equal, most, true);
      }
      case SortCondition.BeginsWith(AttributeValue prefix) -> {
        lower = join(equal, KeyCodec.prefixOf(prefix));
        byte[] successor = KeyCodec.successor(lower);
        upper = successor.length == 0 ? end : successor;
      }
    }
    return new SortBounds(lower, upper);
  }

  /** Before all keys with this value, or behind them. */
  private static byte[] at(byte[] equal, AttributeValue value, boolean behind) {
    byte[] key = join(equal, KeyCodec.encode(value));
    return behind ? KeyCodec.successor(key) : key;
  }

  private static byte[] join(byte[] first, byte[] second) {
    if (first.length == 0) {
      return second;
    }
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
