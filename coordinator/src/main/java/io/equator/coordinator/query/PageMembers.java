package io.equator.coordinator.query;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.EnumValues;
import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.ExpressionMembers;
import io.equator.coordinator.items.LegacyConditionsMember;
import io.equator.coordinator.items.MemberChecks;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.expression.legacy.ConditionalOperator;
import io.equator.model.item.EncodedItem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members that Query and Scan have in common, as sent. Filled while the body is read, then only
 * read; one thread.
 */
final class PageMembers {
  private static final EnumValues SELECT =
      EnumValues.of("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES");

  private @Nullable String tableName;
  private @Nullable String indexName;
  private @Nullable String select;
  private @Nullable Integer limit;
  private boolean consistent;
  private @Nullable WireItem exclusiveStartKey;
  private @Nullable String returnConsumedCapacity;
  private @Nullable List<String> attributesToGet;
  private @Nullable String projectionExpression;
  private @Nullable String filterExpression;
  private @Nullable LegacyConditionsMember legacyFilter;
  private @Nullable String conditionalOperator;
  private @Nullable Map<String, String> names;
  private @Nullable ExpressionValues values;

  /** The table as sent; null when it is not there. */
  @Nullable String sentTableName() {
    return tableName;
  }

  /** Reads the current member if it is one of these, else skips it. */
  void read(WireReader in) {
    switch (in.member()) {
      case "TableName" -> tableName = in.string();
      case "IndexName" -> indexName = in.string();
      case "Select" -> select = in.string();
      case "Limit" -> limit = in.integer();
      case "ConsistentRead" -> consistent = in.bool();
      case "ExclusiveStartKey" -> exclusiveStartKey = in.attributeMap();
      case "ReturnConsumedCapacity" -> returnConsumedCapacity = in.string();
      case "AttributesToGet" -> attributesToGet = in.stringList();
      case "ProjectionExpression" -> projectionExpression = in.string();
      case "FilterExpression" -> filterExpression = in.string();
      case "QueryFilter", "ScanFilter" -> legacyFilter = LegacyConditionsMember.read(in);
      case "ConditionalOperator" -> conditionalOperator = in.string();
      case "ExpressionAttributeNames" -> names = in.stringMap();
      case "ExpressionAttributeValues" -> values = ExpressionMembers.expressionValues(in);
      default -> in.skip();
    }
  }

  /** Checks the table's name, which is told alone. */
  void checkTableName() {
    MemberChecks.tableName(tableName);
  }

  /** Checks the other members, except Limit, for which Query and Scan have different words. */
  void check(Constraints constraints, String filterMember) {
    constraints.enumValue("select", select, SELECT);
    MemberChecks.indexName(constraints, indexName);
    constraints.enumValue(
        "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
    if (legacyFilter != null) {
      legacyFilter.check(constraints, filterMember);
    }
    constraints.enumValue(
        "conditionalOperator", conditionalOperator, RequestEnums.CONDITIONAL_OPERATOR);
    constraints.length("attributesToGet", attributesToGet, 1, Integer.MAX_VALUE);
  }

  /** These members' part of the request's expressions. */
  RequestExpressions expressions(RequestKind kind, ParseCache cache, ValueWording wording) {
    RequestExpressions expressions = RequestExpressions.of(kind, cache);
    expressions
        .valueErrors(wording.expressionValues())
        .names(names)
        .values(values)
        .projection(projectionExpression)
        .filter(filterExpression)
        .attributesToGet(attributesToGet);
    if (legacyFilter != null) {
      expressions.legacyFilter(legacyFilter.conditions(wording));
    }
    if (conditionalOperator != null) {
      expressions.conditionalOperator(ConditionalOperator.valueOf(conditionalOperator));
    }
    return expressions;
  }

  /**
   * Checks what Select asks against what else is asked.
   *
   * @param reading "Querying" or "Scanning", for the text
   */
  void checkSelect(String reading) {
    if (projectionExpression != null || attributesToGet != null) {
      if (select != null && !select.equals("SPECIFIC_ATTRIBUTES")) {
        throw ApiException.validation(
            "Cannot specify the "
                + (projectionExpression != null ? "ProjectionExpression" : "AttributesToGet")
                + " when choosing to get "
                + select);
      }
    } else if (select != null && select.equals("SPECIFIC_ATTRIBUTES")) {
      throw ApiException.validation(
          "Must specify the AttributesToGet or ProjectionExpression when choosing to get"
              + " SPECIFIC_ATTRIBUTES");
    }
    if (indexName == null && select != null && select.equals("ALL_PROJECTED_ATTRIBUTES")) {
      throw ApiException.validation(
          "ALL_PROJECTED_ATTRIBUTES can be used only when " + reading + " using an IndexName");
    }
  }

  /**
   * The attributes of ExclusiveStartKey, null when it is not given; throws when a value is wrong.
   */
  @Nullable EncodedItem exclusiveStartKey(ValueWording wording) {
    WireItem sent = exclusiveStartKey;
    return sent == null ? null : StartKeys.checkedValues(sent, wording);
  }

  String tableName() {
    if (tableName == null) {
      throw new IllegalStateException("the table's name was not checked");
    }
    return tableName;
  }

  @Nullable String indexName() {
    return indexName;
  }

  @Nullable Integer limit() {
    return limit;
  }

  boolean consistent() {
    return consistent;
  }

  boolean countsOnly() {
    return select != null && select.equals("COUNT");
  }

  boolean wantsAllAttributes() {
    return select != null && select.equals("ALL_ATTRIBUTES");
  }

  CapacityReport capacityReport() {
    return CapacityReport.of(returnConsumedCapacity);
  }
}
