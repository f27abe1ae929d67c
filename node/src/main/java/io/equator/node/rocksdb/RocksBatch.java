package io.equator.node.rocksdb;

import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.StoreException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A native write batch. */
final class RocksBatch implements RowBatch {
  private final RocksStore store;
  private final WriteBatch batch = new WriteBatch();

  RocksBatch(RocksStore store) {
    this.store = store;
  }

  WriteBatch nativeBatch() {
    return batch;
  }

  @Override
  public void put(Family family, byte[] key, byte[] value) {
    try {
      batch.put(store.handle(family), key, value);
    } catch (RocksDBException e) {
      throw new StoreException("cannot add a row to a batch", e);
    }
  }

  @Override
  public void delete(Family family, byte[] key) {
    try {
      batch.delete(store.handle(family), key);
    } catch (RocksDBException e) {
      throw new StoreException("cannot add a deletion to a batch", e);
    }
  }

  @Override
  public void clear() {
    batch.clear();
  }

  @Override
  public void close() {
    batch.close();
  }
}
