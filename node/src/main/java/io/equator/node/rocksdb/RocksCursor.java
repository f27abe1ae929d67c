package io.equator.node.rocksdb;

import io.equator.node.core.RowCursor;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * A native iterator with its bounds. The bounds must outlive the iterator, so they are closed after
 * it.
 *
 * <p>The opener has entered the gate; closing leaves it.
 */
final class RocksCursor implements RowCursor {
  private final Gate gate;
  private final Slice lower;
  private final Slice upper;
  private final ReadOptions options;
  private final RocksIterator iterator;
  private boolean closed;

  RocksCursor(
      RocksDB database,
      ColumnFamilyHandle family,
      @Nullable Snapshot snapshot,
      byte[] lowerInclusive,
      byte[] upperExclusive,
      Gate gate) {
    this.gate = gate;
    this.lower = new Slice(lowerInclusive);
    this.upper = new Slice(upperExclusive);
    this.options = new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
    if (snapshot != null) {
      options.setSnapshot(snapshot);
    }
    this.iterator = database.newIterator(family, options);
  }

  @Override
  public void first() {
    iterator.seekToFirst();
  }

  @Override
  public void last() {
    iterator.seekToLast();
  }

  @Override
  public void atOrAfter(byte[] key) {
    iterator.seek(key);
  }

  @Override
  public void atOrBefore(byte[] key) {
    iterator.seekForPrev(key);
  }

  @Override
  public void next() {
    iterator.next();
  }

  @Override
  public void previous() {
    iterator.prev();
  }

  @Override
  public boolean valid() {
    if (iterator.isValid()) {
      return true;
    }
    try {
      iterator.status();
    } catch (RocksDBException e) {
      throw RocksStore.unreadable("cannot read the rows of a range", e);
    }
    return false;
  }

  @Override
  public byte[] key() {
    return iterator.key();
  }

  @Override
  public byte[] value() {
    return iterator.value();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    iterator.close();
    options.close();
    upper.close();
    lower.close();
    gate.leave();
  }
}
