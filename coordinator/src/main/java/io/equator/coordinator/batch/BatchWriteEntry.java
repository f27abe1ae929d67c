package io.equator.coordinator.batch;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.replication.catalog.TableView;

/**
 * One put or delete of a BatchWriteItem.
 *
 * @param part the table's part of the request that it is in
 * @param request as sent
 * @param table where it is written
 * @param key its encoded key
 */
record BatchWriteEntry(BatchWritePart part, BatchWriteAction request, TableView table, ItemKey key)
    implements Groups.Placed {
  @Override
  public int ringId() {
    return table.ringId();
  }

  @Override
  public long token() {
    return key.getToken();
  }

  /** The write at the table's newest schema. */
  ItemWrite write(TableView newest, boolean wantCollectionSize) {
    ItemWrite.Builder write =
        ItemWrite.newBuilder()
            .setTable(newest.reference())
            .setKey(key)
            .setWantCollectionSize(wantCollectionSize && !newest.localIndexes().isEmpty());
    return switch (request) {
      case BatchWriteAction.Put(EncodedItem item) -> write.setPut(item.toByteString()).build();
      case BatchWriteAction.Delete(EncodedItem _) ->
          write.setDelete(ItemDelete.getDefaultInstance()).build();
    };
  }

  /** The value of the table's partition key. */
  EncodedValue partitionValue() {
    EncodedValue value = request.attributes().find(table.keySchema().partition().name());
    if (value == null) {
      throw new IllegalStateException("the key was not checked");
    }
    return value;
  }
}
