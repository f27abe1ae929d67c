package io.equator.coordinator.transactions;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.TextPattern;
import io.equator.coordinator.items.ExpressionMembers;
import io.equator.coordinator.items.IndexKeyChecks;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.items.MemberChecks;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.expression.ResolvedExpressions;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemLimits;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.Condition;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemUpdate;
import io.equator.proto.ItemWrite;
import io.equator.proto.Update;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One element of TransactItems as sent, and what is made of it once it is checked. */
final class SentAction {
  private static final int TABLE_NAME_LENGTH_MAX = 1024;
  private static final String ONE_OF =
      "TransactItems can only contain one of Check, Put, Update or Delete";

  /** What an action does, with its names in messages. */
  private enum Kind {
    CHECK("conditionCheck", RequestKind.CONDITION_CHECK),
    PUT("put", RequestKind.PUT_ITEM),
    UPDATE("update", RequestKind.UPDATE_ITEM),
    DELETE("delete", RequestKind.DELETE_ITEM);

    private final String member;
    private final RequestKind request;

    Kind(String member, RequestKind request) {
      this.member = member;
      this.request = request;
    }
  }

  private @Nullable Kind kind;
  private int kinds;
  private @Nullable String tableName;
  private @Nullable WireItem item;
  private @Nullable WireItem key;
  private @Nullable String conditionExpression;
  private @Nullable String updateExpression;
  private @Nullable String returnValuesOnFailure;
  private @Nullable Map<String, String> names;
  private @Nullable ExpressionValues values;

  private EncodedItem checked = EncodedItem.EMPTY;
  private @Nullable Condition condition;
  private @Nullable Update update;

  private SentAction() {}

  static SentAction read(WireReader in) {
    SentAction action = new SentAction();
    in.beginStruct("TransactWriteItem");
    while (in.nextMember()) {
      switch (in.member()) {
        case "ConditionCheck" -> action.read(in, Kind.CHECK, "ConditionCheck");
        case "Put" -> action.read(in, Kind.PUT, "Put");
        case "Update" -> action.read(in, Kind.UPDATE, "Update");
        case "Delete" -> action.read(in, Kind.DELETE, "Delete");
        default -> in.skip();
      }
    }
    return action;
  }

  private void read(WireReader in, Kind read, String shape) {
    kind = read;
    kinds++;
    in.beginStruct(shape);
    while (in.nextMember()) {
      switch (in.member()) {
        case "TableName" -> tableName = in.string();
        case "Item" -> item = in.attributeMap();
        case "Key" -> key = in.attributeMap();
        case "ConditionExpression" -> conditionExpression = in.string();
        case "UpdateExpression" -> updateExpression = in.string();
        case "ReturnValuesOnConditionCheckFailure" -> returnValuesOnFailure = in.string();
        case "ExpressionAttributeNames" -> names = in.stringMap();
        case "ExpressionAttributeValues" -> values = ExpressionMembers.expressionValues(in);
        default -> in.skip();
      }
    }
  }

  /** Checks its members; the path is that of the element. */
  void check(Constraints constraints) {
    Kind sent = kind;
    if (sent == null) {
      return;
    }
    constraints.enterStruct(sent.member);
    if (sent == Kind.PUT) {
      constraints.notNull("item", item);
    } else {
      constraints.notNull("key", key);
    }
    checkTableName(constraints, tableName);
    if (sent == Kind.CHECK) {
      constraints.notNull("conditionExpression", conditionExpression);
    }
    if (sent == Kind.UPDATE) {
      constraints.notNull("updateExpression", updateExpression);
    }
    constraints.enumValue(
        "returnValuesOnConditionCheckFailure",
        returnValuesOnFailure,
        RequestEnums.RETURN_VALUES_ON_FAILURE);
    constraints.leave();
  }

  static void checkTableName(Constraints constraints, @Nullable String name) {
    if (constraints.notNull("tableName", name) && name != null && !MemberChecks.isArn(name)) {
      constraints.length("tableName", name, 1, TABLE_NAME_LENGTH_MAX);
      if (!name.isEmpty()) {
        constraints.pattern("tableName", name, TextPattern.NAME);
      }
    }
  }

  /**
   * Checks expressions and values.
   *
   * @throws ApiException with the first complaint
   */
  void checkContents(ParseCache cache) {
    Kind sent = kind;
    if (sent == null || kinds != 1) {
      throw ApiException.validation(ONE_OF);
    }
    RequestExpressions expressions =
        RequestExpressions.of(sent.request, cache)
            .valueErrors(ValueWording.OLDER.expressionValues())
            .names(names)
            .values(values)
            .condition(conditionExpression);
    if (sent == Kind.UPDATE) {
      expressions.update(updateExpression);
    }
    expressions.checkParameters();
    WireItem attributes = sent == Kind.PUT ? item : key;
    if (attributes == null) {
      throw new IllegalStateException("the constraints let null through");
    }
    ResolvedExpressions resolved = expressions.resolve();
    condition = resolved.condition().orElse(null);
    update = resolved.update().orElse(null);
    checked = ValueWording.OLDER.checked(attributes);
    if (sent == Kind.PUT) {
      if (checked.sizeBytes() > ItemLimits.ITEM_SIZE_MAX) {
        throw ApiException.validation("Item size has exceeded the maximum allowed size");
      }
    }
  }

  String tableName() {
    if (tableName == null) {
      throw new IllegalStateException("the table's name was not checked");
    }
    return tableName;
  }

  /** What the action brings to the limit of 4 MB. */
  long sizeBytes() {
    return checked.sizeBytes()
        + (condition == null ? 0L : condition.getSerializedSize())
        + (update == null ? 0L : update.getSerializedSize());
  }

  /** The value of the table's partition key. */
  @Nullable EncodedValue value(String name) {
    return checked.find(name);
  }

  TransactAction action(boolean wantCollectionSize) {
    return new TransactAction(
        tableName(),
        (snapshot, table) -> {
          ItemWrite.Builder write = write(snapshot, table);
          write.setReturnOldOnConditionFailure("ALL_OLD".equals(returnValuesOnFailure));
          return write.setWantCollectionSize(wantCollectionSize && !table.localIndexes().isEmpty());
        });
  }

  private ItemWrite.Builder write(CatalogSnapshot snapshot, TableView table) {
    ItemWrite.Builder write = ItemWrite.newBuilder();
    if (condition != null) {
      PathChecks.check(table, condition);
      write.setCondition(condition);
    }
    if (kind == Kind.PUT) {
      write.setKey(ItemKeys.of(snapshot, table, KeyExtractor.fromItem(table.keySchema(), checked)));
      IndexKeyChecks.check(table, checked);
      return write.setPut(checked.toByteString());
    }
    write.setKey(ItemKeys.of(snapshot, table, KeyExtractor.fromKeyMap(table.keySchema(), checked)));
    if (kind == Kind.DELETE) {
      write.setDelete(ItemDelete.getDefaultInstance());
    } else if (update != null) {
      PathChecks.check(table, update);
      write.setUpdate(
          ItemUpdate.newBuilder().setUpdate(update).setKeyAttributes(checked.toByteString()));
    }
    return write;
  }

  /** Everything that makes a repetition the same request. */
  byte[] fingerprint() {
    ItemWrite.Builder write =
        ItemWrite.newBuilder()
            .setPut(checked.toByteString())
            .setReturnOldOnConditionFailure("ALL_OLD".equals(returnValuesOnFailure));
    if (condition != null) {
      write.setCondition(condition);
    }
    String head = kind + "\u0000" + tableName() + "\u0000";
    byte[] body = write.build().toByteArray();
    byte[] change = update == null ? new byte[0] : update.toByteArray();
    byte[] name = head.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return java.nio.ByteBuffer.allocate(8 + name.length + body.length + change.length)
        .putInt(name.length)
        .put(name)
        .putInt(body.length)
        .put(body)
        .put(change)
        .array();
  }

  @Override
  public String toString() {
    return "TransactWriteItem("
        + (kind == null ? "" : kind.member)
        + "="
        + (item != null ? item.item() : key != null ? key.item() : null)
        + ", tableName="
        + tableName
        + ")";
  }
}
