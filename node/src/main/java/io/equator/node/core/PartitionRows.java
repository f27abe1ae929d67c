package io.equator.node.core;

import io.equator.node.core.MetaRows.Descriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the rows of one partition lie in a store: what is its replicated state, and nothing else.
 *
 * <table>
 * <caption>Ranges</caption>
 * <tr><th>family</th><th>ranges</th></tr>
 * <tr><td>items, local and global indexes, locks, tombstones</td>
 *     <td>the partition's tokens, of each table and index that has rows</td></tr>
 * <tr><td>change log, expiries</td><td>what begins with the partition</td></tr>
 * <tr><td>meta</td><td>what begins with a kind and the partition; of the kinds whose keys begin with
 *     a table, the partition's tokens of each table</td></tr>
 * </table>
 *
 * <p>Not among them: which node keeps the partition ({@link MetaRows#DESCRIPTOR}), the mark of a
 * replacement ({@link MetaRows#REPLACING}), and that of rows that wait for an heir ({@link
 * SplitRows}). Of a sealed partition nothing that lies by token is left. The ranges of a family are
 * in ascending order.
 *
 * <p>A new kind of meta rows belongs to the partition that its key names behind the kind, or is
 * named here.
 */
public final class PartitionRows {
  private static final int META_PARTITION = 9;

  private PartitionRows() {}

  /** The ranges of a family that hold rows of the partition, and no others. */
  public static List<RowRange> of(
      StoreView store, Family family, long partition, Descriptor descriptor) {
    // The rows under the tokens of a sealed partition are its heirs'.
    boolean sealed = SplitRows.sealed(store, partition) != null;
    return switch (family) {
      case ITEMS, LOCAL_INDEXES, GLOBAL_INDEXES, LOCKS, TOMBSTONES ->
          sealed ? List.of() : byToken(store, family, descriptor);
      case CHANGE_LOG, TTL -> {
        byte[] prefix = ByteBuffer.allocate(8).putLong(partition).array();
        yield List.of(new RowRange(family, prefix, StoreKeys.successor(prefix)));
      }
      case META -> meta(store, partition, descriptor, sealed);
    };
  }

  /** Keys {@code table | index | token …}: looks for the next table or index that has rows. */
  static List<RowRange> byToken(StoreView store, Family family, Descriptor descriptor) {
    List<RowRange> ranges = new ArrayList<>();
    try (RowCursor cursor = store.cursor(family, new byte[] {0}, end())) {
      cursor.first();
      while (cursor.valid()) {
        byte[] key = cursor.key();
        int table = StoreKeys.table(key);
        int index = key[4] & 0xff;
        ranges.add(
            new RowRange(
                family,
                StoreKeys.firstOfToken(table, index, descriptor.firstToken()),
                StoreKeys.afterToken(table, index, descriptor.lastToken())));
        cursor.atOrAfter(StoreKeys.successor(Arrays.copyOf(key, StoreKeys.PREFIX)));
      }
    }
    return ranges;
  }

  private static List<RowRange> meta(
      StoreView store, long partition, Descriptor descriptor, boolean sealed) {
    List<RowRange> ranges = new ArrayList<>();
    try (RowCursor cursor = store.cursor(Family.META, new byte[] {0}, end())) {
      cursor.first();
      while (cursor.valid()) {
        byte kind = cursor.key()[0];
        switch (kind) {
          case MetaRows.DESCRIPTOR, MetaRows.REPLACING, SplitRows.HANDOVER -> {}
          case MetaRows.COLLECTION -> {
            if (!sealed) {
              collections(store, descriptor, ranges);
            }
          }
          case MetaRows.DROPPED -> {
            if (!sealed) {
              dropped(store, descriptor, ranges);
            }
          }
          default -> {
            byte[] prefix =
                ByteBuffer.allocate(META_PARTITION).put(kind).putLong(partition).array();
            ranges.add(new RowRange(Family.META, prefix, StoreKeys.successor(prefix)));
          }
        }
        cursor.atOrAfter(StoreKeys.successor(new byte[] {kind}));
      }
    }
    return ranges;
  }

  private static void collections(StoreView store, Descriptor descriptor, List<RowRange> ranges) {
    byte[] prefix = {MetaRows.COLLECTION};
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      cursor.first();
      while (cursor.valid()) {
        byte[] key = cursor.key();
        int table = ByteBuffer.wrap(key).getInt(1);
        ranges.add(
            new RowRange(
                Family.META,
                MetaRows.firstCollectionKey(table, descriptor.firstToken()),
                MetaRows.afterCollectionKey(table, descriptor.lastToken())));
        cursor.atOrAfter(StoreKeys.successor(Arrays.copyOf(key, 5)));
      }
    }
  }

  /** The marks of dropped tables, whose rows the partition may still have. */
  private static void dropped(StoreView store, Descriptor descriptor, List<RowRange> ranges) {
    byte[] prefix = {MetaRows.DROPPED};
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        byte[] key = cursor.key();
        MetaRows.Dropped mark = MetaRows.Dropped.of(key, cursor.value());
        if (descriptor.holds(mark.firstToken()) && descriptor.holds(mark.lastToken())) {
          ranges.add(new RowRange(Family.META, key, Arrays.copyOf(key, key.length + 1)));
        }
      }
    }
  }

  /** Above every key: a table's number never has all its bits set. */
  private static byte[] end() {
    byte[] end = new byte[17];
    Arrays.fill(end, (byte) 0xff);
    return end;
  }
}
