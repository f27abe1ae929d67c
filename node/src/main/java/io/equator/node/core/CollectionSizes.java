package io.equator.node.core;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;

/**
 * The sizes of item collections, of tables with local indexes only: gathered while an entry is
 * applied, then written into its batch. The machine's monitor guards it.
 */
final class CollectionSizes {
  private final StoreView store;
  private final Map<ByteString, Long> changed = new HashMap<>();

  CollectionSizes(StoreView store) {
    this.store = store;
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void grow(int table, ByteString tokenAndPartitionKey, long bytes) {
    ByteString collection =
        ByteString.copyFrom(MetaRows.collectionKey(table, tokenAndPartitionKey));
    changed.merge(collection, bytes, Long::sum);
  }

  void write(RowBatch batch) {
    for (Map.Entry<ByteString, Long> change : changed.entrySet()) {
      byte[] key = change.getKey().toByteArray();
      byte[] row = store.get(Family.META, key);
      long bytes = (row == null ? 0 : MetaRows.collection(row)) + change.getValue();
      if (bytes == 0) {
        batch.delete(Family.META, key);
      } else {
        batch.put(Family.META, key, MetaRows.collection(bytes));
      }
    }
  }
}
