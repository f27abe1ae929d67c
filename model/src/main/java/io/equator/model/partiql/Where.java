package io.equator.model.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.expression.BoundKeyCondition;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.ResolvedKeyCondition;
import io.equator.model.expression.SortBounds;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeySchema;
import io.equator.proto.Condition;
import io.equator.proto.Conditions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a statement with its values in: clauses that must all hold. Immutable.
 *
 * <p>Which of the clauses are a key is known only with the table. What they say of the key decides
 * where is read; all other clauses, also further ones of the same attribute, become a condition
 * that is evaluated on what is there.
 */
public final class Where {
  /** No condition. */
  public static final Where NONE = new Where(List.of());

  /** Item collections that one SELECT may name: the guide's limit of values in one IN. */
  static final int COLLECTIONS_MAX = 50;

  private final List<Clause> clauses;

  private Where(List<Clause> clauses) {
    this.clauses = clauses;
  }

  /**
   * Takes a condition apart and checks it as far as that can be done without the table.
   *
   * @throws ApiException with DynamoDB's complaint
   */
  static Where of(ConditionSyntax syntax, ExpressionValues values) {
    List<ConditionSyntax> parts =
        syntax instanceof ConditionSyntax.All(var all) ? all : List.of(syntax);
    List<Clause> clauses = new ArrayList<>(parts.size());
    for (ConditionSyntax part : parts) {
      clauses.add(Clause.of(part, values));
    }
    return new Where(List.copyOf(clauses));
  }

  /**
   * One item.
   *
   * @param key its key attributes
   * @param condition what else must hold
   */
  public record Item(EncodedItem key, Optional<Condition> condition) {}

  /** What a SELECT has to read. */
  public sealed interface Reading {
    /** What rows must satisfy to be returned. */
    Optional<Condition> filter();
  }

  /** The whole table or index. */
  public record Everything(Optional<Condition> filter) implements Reading {}

  /**
   * Ranges of item collections, each of another partition key, in the order of the text.
   *
   * @param oneItemEach each range holds at most one item of a table
   */
  public record Collections(List<Range> ranges, boolean oneItemEach, Optional<Condition> filter)
      implements Reading {
    /** Copies. */
    public Collections {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * A range in one item collection.
   *
   * @param partition the values of the partition key's attributes
   * @param bounds of the encoded sort key
   */
  public record Range(List<AttributeValue> partition, SortBounds bounds) {
    /** Copies. */
    public Range {
      partition = List.copyOf(partition);
    }
  }

  /** The item whose whole key the condition gives by equality; empty when it does not. */
  public Optional<Item> item(KeySchema schema) {
    Map<String, AttributeValue> key = new LinkedHashMap<>();
    List<Clause> rest = new ArrayList<>(clauses);
    for (KeyAttribute attribute : schema.attributes()) {
      Clause clause = take(rest, attribute, LegacyOperator.EQ);
      if (clause == null) {
        return Optional.empty();
      }
      key.put(attribute.name(), clause.values().getFirst());
    }
    return Optional.of(new Item(EncodedItem.of(key), joined(rest)));
  }

  /**
   * What to read of a table or index with this key.
   *
   * @throws ApiException when a value cannot stand in the key
   */
  public Reading reading(List<KeyAttribute> partition, List<KeyAttribute> sort) {
    List<Clause> rest = new ArrayList<>(clauses);
    List<List<AttributeValue>> keys = List.of(List.of());
    for (KeyAttribute attribute : partition) {
      Clause clause = take(rest, attribute, LegacyOperator.EQ);
      clause = clause == null ? take(rest, attribute, LegacyOperator.IN) : clause;
      if (clause == null) {
        return new Everything(joined(clauses));
      }
      keys = combined(keys, clause.values());
    }
    List<LegacyCondition> equal = new ArrayList<>();
    List<LegacyCondition> narrowing = new ArrayList<>();
    for (KeyAttribute attribute : sort) {
      Clause clause = take(rest, attribute, LegacyOperator.EQ);
      if (clause == null) {
        for (Clause range = takeRange(rest, attribute);
            range != null;
            range = takeRange(rest, attribute)) {
          narrowing.add(range.legacy());
        }
        break;
      }
      equal.add(clause.legacy());
    }
    List<Range> ranges = new ArrayList<>(keys.size());
    for (List<AttributeValue> key : keys) {
      ranges.add(range(partition, sort, key, equal, narrowing));
    }
    return new Collections(ranges, equal.size() == sort.size(), joined(rest));
  }

  private static List<List<AttributeValue>> combined(
      List<List<AttributeValue>> keys, List<AttributeValue> values) {
    Set<AttributeValue> distinct = new LinkedHashSet<>(values);
    if (values.size() > COLLECTIONS_MAX || keys.size() * distinct.size() > COLLECTIONS_MAX) {
      throw ApiException.validation(
          "The IN operator is provided with too many operands; number of operands: "
              + keys.size() * values.size());
    }
    List<List<AttributeValue>> combined = new ArrayList<>();
    for (List<AttributeValue> key : keys) {
      for (AttributeValue value : distinct) {
        List<AttributeValue> longer = new ArrayList<>(key);
        longer.add(value);
        combined.add(longer);
      }
    }
    return combined;
  }

  private static Range range(
      List<KeyAttribute> partition,
      List<KeyAttribute> sort,
      List<AttributeValue> key,
      List<LegacyCondition> equal,
      List<LegacyCondition> narrowing) {
    List<LegacyCondition> fixed = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      fixed.add(
          new LegacyCondition(partition.get(i).name(), LegacyOperator.EQ, List.of(key.get(i))));
    }
    fixed.addAll(equal);
    SortBounds bounds = bound(fixed, partition, sort).sortBounds();
    for (LegacyCondition narrower : narrowing) {
      List<LegacyCondition> with = new ArrayList<>(fixed);
      with.add(narrower);
      bounds = intersection(bounds, bound(with, partition, sort).sortBounds());
    }
    return new Range(key, bounds);
  }

  private static BoundKeyCondition bound(
      List<LegacyCondition> clauses, List<KeyAttribute> partition, List<KeyAttribute> sort) {
    return new ResolvedKeyCondition(clauses).bind(partition, sort);
  }

  /** An empty upper bound is none. An empty range keeps its lower bound as both. */
  private static SortBounds intersection(SortBounds one, SortBounds two) {
    byte[] lower =
        Arrays.compareUnsigned(one.lowerInclusive(), two.lowerInclusive()) >= 0
            ? one.lowerInclusive()
            : two.lowerInclusive();
    byte[] upper =
        one.upperExclusive().length == 0
                || (two.upperExclusive().length > 0
                    && Arrays.compareUnsigned(one.upperExclusive(), two.upperExclusive()) > 0)
            ? two.upperExclusive()
            : one.upperExclusive();
    boolean empty = upper.length > 0 && Arrays.compareUnsigned(lower, upper) > 0;
    return new SortBounds(lower, empty ? lower : upper);
  }

  private static @Nullable Clause take(
      List<Clause> from, KeyAttribute attribute, LegacyOperator operator) {
    for (Clause clause : from) {
      if (clause.isOn(attribute) && clause.operator() == operator) {
        from.remove(clause);
        return clause;
      }
    }
    return null;
  }

  private static @Nullable Clause takeRange(List<Clause> from, KeyAttribute attribute) {
    for (Clause clause : from) {
      LegacyOperator operator = clause.operator();
      if (clause.isOn(attribute) && operator != null && operator.indexable()) {
        from.remove(clause);
        return clause;
      }
    }
    return null;
  }

  private static Optional<Condition> joined(List<Clause> clauses) {
    if (clauses.isEmpty()) {
      return Optional.empty();
    }
    if (clauses.size() == 1) {
      return Optional.of(clauses.getFirst().condition());
    }
    Conditions.Builder all = Conditions.newBuilder();
    clauses.forEach(clause -> all.addConditions(clause.condition()));
    return Optional.of(Condition.newBuilder().setAll(all).build());
  }

  /** The condition itself, when it is of no matter what is a key. */
  public Optional<Condition> condition() {
    return joined(clauses);
  }
}
