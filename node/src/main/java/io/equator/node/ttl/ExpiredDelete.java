package io.equator.node.ttl;

import com.google.protobuf.ByteString;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.ItemCodec;
import io.equator.model.key.KeyCodec;
import io.equator.model.number.DynamoNumber;
import io.equator.proto.Between;
import io.equator.proto.ChangeCause;
import io.equator.proto.Condition;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.Operand;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.replication.catalog.TableView;

/** Makes the write that deletes an item on condition that it is expired. */
final class ExpiredDelete {
  private final TableView table;
  private final Condition expired;

  /**
   * @param from the oldest expiry, seconds since the epoch
   * @param to the youngest, which is now
   */
  ExpiredDelete(TableView table, long from, long to) {
    this.table = table;
    this.expired =
        Condition.newBuilder()
            .setBetween(
                Between.newBuilder()
                    .setValue(
                        Operand.newBuilder()
                            .setPath(
                                Path.newBuilder()
                                    .addElements(
                                        PathElement.newBuilder().setField(attribute(table)))))
                    .setLower(seconds(from))
                    .setUpper(seconds(to)))
            .build();
  }

  private static String attribute(TableView table) {
    String attribute = table.expiryAttribute();
    if (attribute == null) {
      throw new IllegalArgumentException("items of " + table.name() + " do not expire");
    }
    return attribute;
  }

  private static Operand.Builder seconds(long seconds) {
    AttributeValue value = new AttributeValue.N(DynamoNumber.parse(Long.toString(seconds)));
    return Operand.newBuilder().setValue(ByteString.copyFrom(ItemCodec.encodeValue(value)));
  }

  /** Deletes the item with this key: token, partition key, sort key. */
  ItemWrite of(ByteString suffix) {
    byte[] key = suffix.toByteArray();
    int end = KeyCodec.end(table.keySchema().partition().type(), key, Long.BYTES, key.length);
    return ItemWrite.newBuilder()
        .setTable(table.reference())
        .setKey(
            ItemKey.newBuilder()
                .setToken(suffix.asReadOnlyByteBuffer().getLong(0))
                .setPartitionKey(suffix.substring(Long.BYTES, end))
                .setSortKey(suffix.substring(end)))
        .setDelete(ItemDelete.getDefaultInstance())
        .setCondition(expired)
        .setCause(ChangeCause.CAUSE_TTL)
        .build();
  }
}
