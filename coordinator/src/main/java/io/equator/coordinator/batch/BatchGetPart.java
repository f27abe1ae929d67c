package io.equator.coordinator.batch;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.proto.Projection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a BatchGetItem asks of one table: a {@code KeysAndAttributes} structure, and what becomes of
 * it.
 */
final class BatchGetPart {
  private static final int KEYS_MAX = 100;

  private final String tableName;
  private @Nullable List<WireItem> keys;
  private @Nullable List<String> attributesToGet;
  private @Nullable Boolean consistent;
  private @Nullable String projectionExpression;
  private @Nullable Map<String, String> names;
  private @Nullable Projection projection;

  private final List<EncodedItem> found = new ArrayList<>();
  private final List<EncodedItem> unprocessed = new ArrayList<>();
  private double units;

  BatchGetPart(String tableName) {
    this.tableName = tableName;
  }

  static BatchGetPart read(String tableName, WireReader in) {
    BatchGetPart part = new BatchGetPart(tableName);
    in.beginStruct("KeysAndAttributes");
    while (in.nextMember()) {
      switch (in.member()) {
        case "Keys" -> {
          List<WireItem> keys = new ArrayList<>();
          in.beginList();
          while (in.nextElement()) {
            keys.add(in.attributeMap());
          }
          part.keys = keys;
        }
        case "AttributesToGet" -> part.attributesToGet = in.stringList();
        case "ConsistentRead" -> part.consistent = in.bool();
        case "ProjectionExpression" -> part.projectionExpression = in.string();
        case "ExpressionAttributeNames" -> part.names = in.stringMap();
        default -> in.skip();
      }
    }
    return part;
  }

  void check(Constraints constraints) {
    constraints.enterEntry("requestItems", tableName);
    constraints.notNull("keys", keys);
    constraints.length("attributesToGet", attributesToGet, 1, Integer.MAX_VALUE);
    constraints.leave();
    if (keys != null && (keys.isEmpty() || keys.size() > KEYS_MAX)) {
      // This one check is made by a newer front end, which has other words and upper camel case.
      constraints.failWithoutValue(
          "RequestItems." + tableName + ".member.Keys",
          keys.isEmpty()
              ? "Member must have length greater than or equal to 1"
              : "Member must have length less than or equal to " + KEYS_MAX);
    }
  }

  int keyCount() {
    return keys == null ? 0 : keys.size();
  }

  /** Checks parameters, values and expressions, and that no key stands here twice. */
  void checkContents(ParseCache cache) {
    RequestExpressions expressions = null;
    if (projectionExpression != null || attributesToGet != null || names != null) {
      expressions =
          RequestExpressions.of(RequestKind.BATCH_GET_ITEM, cache)
              .names(names)
              .projection(projectionExpression)
              .attributesToGet(attributesToGet);
      expressions.checkParameters();
    }
    for (WireItem key : keys()) {
      ValueWording.CURRENT.checked(key);
    }
    if (expressions != null) {
      projection = expressions.resolve().projection().orElse(null);
    }
    Set<Map<String, AttributeValue>> seen = new HashSet<>();
    for (WireItem key : keys()) {
      if (!seen.add(key.item().toMap())) {
        throw ApiException.validation("Provided list of item keys contains duplicates");
      }
    }
  }

  List<WireItem> keys() {
    return keys == null ? List.of() : keys;
  }

  String tableName() {
    return tableName;
  }

  boolean isConsistent() {
    return consistent != null && consistent;
  }

  @Nullable Projection projection() {
    return projection;
  }

  void found(EncodedItem item) {
    found.add(item);
  }

  void unprocessed(EncodedItem key) {
    unprocessed.add(key);
  }

  void consumed(double more) {
    units += more;
  }

  double units() {
    return units;
  }

  boolean hasUnprocessed() {
    return !unprocessed.isEmpty();
  }

  /** Writes the items of this table as a member of Responses. */
  void writeFound(WireWriter out) {
    out.beginArray(tableName);
    for (EncodedItem item : found) {
      out.item(item);
    }
    out.endArray();
  }

  /** Writes what is left to ask as a member of UnprocessedKeys: ready to be sent again. */
  void writeUnprocessed(WireWriter out) {
    out.beginObject(tableName);
    out.beginArray("Keys");
    for (EncodedItem key : unprocessed) {
      out.item(key);
    }
    out.endArray();
    if (attributesToGet != null) {
      out.field("AttributesToGet", attributesToGet);
    }
    if (consistent != null) {
      out.field("ConsistentRead", consistent);
    }
    if (projectionExpression != null) {
      out.field("ProjectionExpression", projectionExpression);
    }
    if (names != null) {
      out.field("ExpressionAttributeNames", names);
    }
    out.endObject();
  }
}
