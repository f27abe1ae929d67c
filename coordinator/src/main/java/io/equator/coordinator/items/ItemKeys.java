package io.equator.coordinator.items;

import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.key.PrimaryKey;
import io.equator.proto.ItemKey;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;

/** Keys as nodes want them: with the token of the table's ring. */
public final class ItemKeys {
  private ItemKeys() {}

  /** The key of an item; shares the arrays of {@code key}, which nobody may change. */
  public static ItemKey of(CatalogSnapshot snapshot, TableView table, PrimaryKey key) {
    return ItemKey.newBuilder()
        .setToken(snapshot.tokenHash(table.ringId()).token(key.partition()))
        .setPartitionKey(UnsafeByteOperations.unsafeWrap(key.partition()))
        .setSortKey(UnsafeByteOperations.unsafeWrap(key.sort()))
        .build();
  }
}
