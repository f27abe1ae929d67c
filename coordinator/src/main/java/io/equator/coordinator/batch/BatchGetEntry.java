package io.equator.coordinator.batch;

import io.equator.model.item.EncodedItem;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.replication.catalog.TableView;

/**
 * One key of a BatchGetItem.
 *
 * @param part the table's part of the request that it is in
 * @param sent the Key map as sent
 * @param table where it is read
 * @param key its encoded key
 */
record BatchGetEntry(BatchGetPart part, EncodedItem sent, TableView table, ItemKey key)
    implements Groups.Placed {
  @Override
  public int ringId() {
    return table.ringId();
  }

  @Override
  public long token() {
    return key.getToken();
  }

  ItemGet get() {
    ItemGet.Builder get = ItemGet.newBuilder().setTable(table.reference()).setKey(key);
    if (part.projection() != null) {
      get.setProjection(part.projection());
    }
    return get.build();
  }
}
