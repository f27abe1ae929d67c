package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Utf8;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeySchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key condition before it is known to which key: at most one clause per attribute, each an
 * operator with its values. KeyConditions are clauses already, so their operators are the
 * vocabulary here.
 *
 * @param clauses in the order of the request
 */
public record ResolvedKeyCondition(List<LegacyCondition> clauses) {
  private static final int PARTITION_KEY_BYTES_MAX = 2048;
  private static final int SORT_KEY_BYTES_MAX = 1024;

  /** Copies the clauses. */
  public ResolvedKeyCondition {
    clauses = List.copyOf(clauses);
  }

  /**
   * Binds the condition to the key of a table or a local index.
   *
   * @throws ApiException when the clauses are not what a query of this key may ask
   */
  public BoundKeyCondition bind(KeySchema key) {
    return bind(List.of(key.partition()), key.sort().map(List::of).orElse(List.of()));
  }

  /**
   * Binds the condition to a key, which in a global index may have several attributes of each sort.
   *
   * @throws ApiException when the clauses are not what a query of this key may ask
   */
  public BoundKeyCondition bind(List<KeyAttribute> partition, List<KeyAttribute> sort) {
    int attributes = partition.size() + sort.size();
    if (clauses.size() > Math.max(2, attributes)) {
      throw ApiException.validation(
          "The number of query conditions ("
              + clauses.size()
              + ") exceeds the number of key attributes defined in the schema ("
              + attributes
              + ")");
    }
    List<AttributeValue> partitionValues = new ArrayList<>(partition.size());
    for (KeyAttribute attribute : partition) {
      partitionValues.add(partitionValue(attribute, partition, attributes));
    }
    if (clauses.size() > attributes) {
      throw ApiException.validation("Query key condition not supported");
    }
    return bindSort(partitionValues, partition.size(), sort);
  }

  private AttributeValue partitionValue(
      KeyAttribute attribute, List<KeyAttribute> partition, int attributes) {
    if (attributes == 1 && clauses.size() > 1) {
      throw ApiException.validation("Query key condition not supported");
    }
    LegacyCondition clause = find(attribute.name());
    if (clause == null) {
      throw partition.size() == 1 ? missed(attribute) : missedOneOf(partition);
    }
    checkValues(clause, attribute);
    if (clause.operator() != LegacyOperator.EQ) {
      throw partition.size() == 1
          ? ApiException.validation("Query key condition not supported")
          : missedOneOf(partition);
    }
    AttributeValue value = clause.values().getFirst();
    if (sizeBytes(value) > PARTITION_KEY_BYTES_MAX) {
      throw ApiException.validation(
          "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size"
              + " limit of2048 bytes");
    }
    return value;
  }

  private BoundKeyCondition bindSort(
      List<AttributeValue> partitionValues, int bound, List<KeyAttribute> sort) {
    List<AttributeValue> equal = new ArrayList<>(sort.size());
    Optional<SortCondition> range = Optional.empty();
    int found = 0;
    int sizeBytes = 0;
    List<String> gaps = new ArrayList<>();
    for (KeyAttribute attribute : sort) {
      LegacyCondition clause = find(attribute.name());
      if (clause == null) {
        gaps.add(attribute.name());
        continue;
      }
      found++;
      checkValues(clause, attribute);
      for (AttributeValue value : clause.values()) {
        sizeBytes = Math.max(sizeBytes, sizeBytes(value));
      }
      if (!gaps.isEmpty()) {
        throw ApiException.validation(
            "RANGE key attributes "
                + String.join(", ", gaps)
                + " must have equality conditions specified in the query because a condition is"
                + " present on key attribute "
                + attribute.name());
      }
      if (clause.operator() == LegacyOperator.EQ) {
        equal.add(clause.values().getFirst());
      } else {
        gaps.add(attribute.name());
        range = Optional.of(range(clause));
      }
    }
    if (bound + found < clauses.size()) {
      throw missedSort(sort);
    }
    if (sizeBytes > SORT_KEY_BYTES_MAX) {
      throw ApiException.validation(
          "One or more parameter values were invalid: Aggregated size of all range keys has"
              + " exceeded the size limit of 1024 bytes");
    }
    return new BoundKeyCondition(partitionValues, equal, range);
  }

  /** A clause is on no key attribute: the first sort-key attribute without one is missed. */
  private ApiException missedSort(List<KeyAttribute> sort) {
    for (KeyAttribute attribute : sort) {
      if (find(attribute.name()) == null) {
        return missed(attribute);
      }
    }
    return ApiException.validation("Query key condition not supported");
  }

  private static SortCondition range(LegacyCondition clause) {
    AttributeValue first = clause.values().getFirst();
    return switch (clause.operator()) {
      case LT -> new SortCondition.Below(first, false);
      case LE -> new SortCondition.Below(first, true);
      case GT -> new SortCondition.Above(first, false);
      case GE -> new SortCondition.Above(first, true);
      case BETWEEN -> new SortCondition.Within(first, clause.values().get(1));
      case BEGINS_WITH -> new SortCondition.BeginsWith(first);
      case EQ, NE, NOT_NULL, NULL, CONTAINS, NOT_CONTAINS, IN ->
          throw new IllegalArgumentException("not a range: " + clause.operator());
    };
  }

  private static void checkValues(LegacyCondition clause, KeyAttribute attribute) {
    if (!clause.operator().indexable()) {
      throw ApiException.validation(
          "Attempted conditional constraint is not an indexable operation");
    }
    for (AttributeValue value : clause.values()) {
      if (!value.typeName().equals(attribute.type().name())
          || (clause.operator() == LegacyOperator.BEGINS_WITH
              && value instanceof AttributeValue.N)) {
        throw ApiException.validation(
            "One or more parameter values were invalid: Condition parameter type does not match"
                + " schema type");
      }
    }
    for (AttributeValue value : clause.values()) {
      if (!(value instanceof AttributeValue.N) && sizeBytes(value) == 0) {
        throw ApiException.validation(
            "One or more parameter values are not valid. The AttributeValue for a key attribute"
                + " cannot contain an empty "
                + (value instanceof AttributeValue.S ? "string" : "binary")
                + " value. Key: "
                + attribute.name());
      }
    }
  }

  private static int sizeBytes(AttributeValue value) {
    return switch (value) {
      case AttributeValue.S(String string) -> Utf8.length(string);
      case AttributeValue.B(var bytes) -> bytes.length();
      default -> 0;
    };
  }

  private @Nullable LegacyCondition find(String attribute) {
    for (LegacyCondition clause : clauses) {
      if (clause.attribute().equals(attribute)) {
        return clause;
      }
    }
    return null;
  }

  private static ApiException missed(KeyAttribute attribute) {
    return ApiException.validation(
        "Query condition missed key schema element: " + attribute.name());
  }

  private ApiException missedOneOf(List<KeyAttribute> partition) {
    List<String> missing = new ArrayList<>();
    for (KeyAttribute attribute : partition) {
      LegacyCondition clause = find(attribute.name());
      if (clause == null || clause.operator() != LegacyOperator.EQ) {
        missing.add(attribute.name());
      }
    }
    return ApiException.validation(
        "HASH key attributes "
            + String.join(", ", missing)
            + " must have equality conditions specified in the query");
  }
}
