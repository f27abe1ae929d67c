package io.equator.coordinator.items;

import io.equator.coordinator.api.EnumValues;

/** The closed sets of the item operations' members, in the order in which DynamoDB lists them. */
public final class RequestEnums {
  /** ReturnConsumedCapacity. */
  public static final EnumValues RETURN_CONSUMED_CAPACITY =
      EnumValues.of("INDEXES", "TOTAL", "NONE");

  /** ReturnItemCollectionMetrics. */
  public static final EnumValues RETURN_ITEM_COLLECTION_METRICS = EnumValues.of("SIZE", "NONE");

  /** ReturnValues. */
  public static final EnumValues RETURN_VALUES =
      EnumValues.of("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW");

  /** ReturnValuesOnConditionCheckFailure. */
  public static final EnumValues RETURN_VALUES_ON_FAILURE = EnumValues.of("ALL_OLD", "NONE");

  /** ConditionalOperator. */
  public static final EnumValues CONDITIONAL_OPERATOR = EnumValues.of("OR", "AND");

  /** ComparisonOperator. */
  public static final EnumValues COMPARISON_OPERATOR =
      EnumValues.of(
          "IN",
          "NULL",
          "BETWEEN",
          "LT",
          "NOT_CONTAINS",
          "EQ",
          "GT",
          "NOT_NULL",
          "NE",
          "LE",
          "BEGINS_WITH",
          "GE",
          "CONTAINS");

  /** Action of an attribute update. */
  static final EnumValues ATTRIBUTE_ACTION = EnumValues.of("PUT", "ADD", "DELETE");

  private RequestEnums() {}
}
