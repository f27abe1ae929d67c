package io.equator.coordinator.items;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.item.EncodedItem;
import io.equator.proto.Projection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A GetItem as sent; {@link #check} makes of it what can be bound to a table. */
final class GetItemRequest implements AboutTable {
  private @Nullable String tableName;
  private @Nullable WireItem key;
  private @Nullable String returnConsumedCapacity;
  private @Nullable List<String> attributesToGet;
  private @Nullable String projectionExpression;
  private @Nullable Map<String, String> names;
  private boolean consistent;

  /**
   * A GetItem that is right as far as can be said without its table.
   *
   * @param key the Key map
   * @param projection what to return; null for the whole item
   */
  record Checked(
      String tableName,
      EncodedItem key,
      boolean consistent,
      @Nullable Projection projection,
      CapacityReport report) {}

  private GetItemRequest() {}

  static GetItemRequest read(WireReader in) {
    GetItemRequest request = new GetItemRequest();
    while (in.nextMember()) {
      switch (in.member()) {
        case "TableName" -> request.tableName = in.string();
        case "Key" -> request.key = in.attributeMap();
        case "ConsistentRead" -> request.consistent = in.bool();
        case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
        case "AttributesToGet" -> request.attributesToGet = in.stringList();
        case "ProjectionExpression" -> request.projectionExpression = in.string();
        case "ExpressionAttributeNames" -> request.names = in.stringMap();
        default -> in.skip();
      }
    }
    return request;
  }

  @Override
  public @Nullable String aboutTable() {
    return tableName;
  }

  Checked check(ParseCache cache) {
    MemberChecks.tableName(tableName);
    Constraints constraints = new Constraints();
    constraints.enumValue(
        "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
    constraints.length("attributesToGet", attributesToGet, 1, Integer.MAX_VALUE);
    constraints.notNull("key", key);
    constraints.throwIfAny();
    String table = tableName;
    WireItem sentKey = key;
    if (table == null || sentKey == null) {
      throw new IllegalStateException("the constraints let null through");
    }
    CapacityReport report = CapacityReport.of(returnConsumedCapacity);
    if (projectionExpression == null && attributesToGet == null && names == null) {
      return new Checked(table, ValueWording.CURRENT.checked(sentKey), consistent, null, report);
    }
    RequestExpressions expressions =
        RequestExpressions.of(RequestKind.GET_ITEM, cache)
            .names(names)
            .projection(projectionExpression)
            .attributesToGet(attributesToGet);
    expressions.checkParameters();
    EncodedItem checkedKey = ValueWording.CURRENT.checked(sentKey);
    Projection projection = expressions.resolve().projection().orElse(null);
    return new Checked(table, checkedKey, consistent, projection, report);
  }
}
