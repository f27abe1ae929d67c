package io.equator.coordinator.items;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.json.WireReader;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.expression.legacy.ConditionalOperator;
import io.equator.proto.ReturnValues;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members that PutItem, UpdateItem and DeleteItem have in common, as sent. Filled while the
 * body is read, then only read; one thread.
 */
final class WriteMembers {
  private @Nullable String tableName;
  private @Nullable String returnValues;
  private @Nullable String returnValuesOnFailure;
  private @Nullable String returnConsumedCapacity;
  private @Nullable String returnItemCollectionMetrics;
  private @Nullable String conditionalOperator;
  private @Nullable String conditionExpression;
  private @Nullable Map<String, String> names;
  private @Nullable ExpressionValues values;
  private @Nullable ExpectedMember expected;

  /** Reads the current member if it is one of these, else skips it. */
  void read(WireReader in) {
    switch (in.member()) {
      case "TableName" -> tableName = in.string();
      case "ReturnValues" -> returnValues = in.string();
      case "ReturnValuesOnConditionCheckFailure" -> returnValuesOnFailure = in.string();
      case "ReturnConsumedCapacity" -> returnConsumedCapacity = in.string();
      case "ReturnItemCollectionMetrics" -> returnItemCollectionMetrics = in.string();
      case "ConditionalOperator" -> conditionalOperator = in.string();
      case "ConditionExpression" -> conditionExpression = in.string();
      case "ExpressionAttributeNames" -> names = in.stringMap();
      case "ExpressionAttributeValues" -> values = ExpressionMembers.expressionValues(in);
      case "Expected" -> expected = ExpectedMember.read(in);
      default -> in.skip();
    }
  }

  /** The table as sent; null when it is not there. */
  @Nullable String sentTableName() {
    return tableName;
  }

  /** Checks the table's name, which is told alone. */
  void checkTableName() {
    MemberChecks.tableName(tableName);
  }

  /** Checks the other members; their complaints are told together. */
  void check(Constraints constraints) {
    constraints.enumValue(
        "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
    constraints.enumValue(
        "returnItemCollectionMetrics",
        returnItemCollectionMetrics,
        RequestEnums.RETURN_ITEM_COLLECTION_METRICS);
    constraints.enumValue("returnValues", returnValues, RequestEnums.RETURN_VALUES);
    constraints.enumValue(
        "returnValuesOnConditionCheckFailure",
        returnValuesOnFailure,
        RequestEnums.RETURN_VALUES_ON_FAILURE);
    constraints.enumValue(
        "conditionalOperator", conditionalOperator, RequestEnums.CONDITIONAL_OPERATOR);
    if (expected != null) {
      expected.check(constraints);
    }
  }

  /** Whether there is anything that only the expressions' own checks can judge. */
  boolean hasExpressions() {
    return conditionExpression != null
        || names != null
        || values != null
        || expected != null
        || conditionalOperator != null;
  }

  /** These members' part of the request's expressions. */
  RequestExpressions expressions(RequestKind kind, ParseCache cache) {
    RequestExpressions expressions = RequestExpressions.of(kind, cache);
    expressions
        .valueErrors(ValueWording.CURRENT_IN_ENVELOPE.expressionValues())
        .names(names)
        .values(values)
        .condition(conditionExpression);
    if (expected != null) {
      expressions.expected(expected.expectations(ValueWording.CURRENT_IN_ENVELOPE));
    }
    if (conditionalOperator != null) {
      expressions.conditionalOperator(ConditionalOperator.valueOf(conditionalOperator));
    }
    return expressions;
  }

  /** PutItem and DeleteItem can return what was there before, and nothing else. */
  void checkReturnsOldOnly() {
    if (returnValues != null && !returnValues.equals("ALL_OLD") && !returnValues.equals("NONE")) {
      throw ApiException.validation("ReturnValues can only be ALL_OLD or NONE");
    }
  }

  String tableName() {
    if (tableName == null) {
      throw new IllegalStateException("the table's name was not checked");
    }
    return tableName;
  }

  ReturnValues returnValues() {
    return returnValues == null ? ReturnValues.NONE : ReturnValues.valueOf(returnValues);
  }

  boolean returnsOldOnFailure() {
    return returnValuesOnFailure != null && returnValuesOnFailure.equals("ALL_OLD");
  }

  CapacityReport capacityReport() {
    return CapacityReport.of(returnConsumedCapacity);
  }

  boolean wantsCollectionSize() {
    return returnItemCollectionMetrics != null && returnItemCollectionMetrics.equals("SIZE");
  }
}
