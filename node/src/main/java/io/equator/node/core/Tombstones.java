package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.proto.DropTombstones;
import io.equator.proto.ItemEffect;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The marks of deletions, in the tables that several regions have: {@link Family#TOMBSTONES}, under
 * the key of the item that is gone.
 *
 * <pre>
 *   offset  bytes
 *        0      1  format version, 1
 *        1      8  when this region deleted it: hybrid timestamp, never less than the version's
 *        9     16  StoredValue of the tombstone: its version
 * </pre>
 *
 * <p>Without them a region would forget which versions it has already thrown away, and an older
 * write that arrives late would bring the item back. They go when every region has passed them
 * ({@link DropTombstones}). A message may be late for longer than that: so the partition remembers
 * up to when tombstones may be gone, and a version from before that finds no item here has been
 * here, and is dead.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
public final class Tombstones {
  private static final byte VERSION = 1;
  private static final int VALUE_AT = 9;
  private static final byte[] GONE = {};

  /** {@link DropTombstones#getUpTo} of a table that no other region has. */
  private static final long EVERYTHING = -1L;

  private final long partition;
  private final StoreView store;
  private final Map<Integer, Long> dropped = new ConcurrentHashMap<>();
  private final Map<Integer, Long> newlyDropped = new HashMap<>();

  /** What the entry that is being applied has written; {@link #GONE} for a removed one. */
  private final Map<RowKey, byte[]> written = new HashMap<>();

  Tombstones(long partition, StoreView store) {
    this.partition = partition;
    this.store = store;
    byte[] prefix = MetaRows.prefix(MetaRows.TOMBSTONES_DROPPED, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        dropped.put(
            MetaRows.tableOfChangeKey(cursor.key()),
            MetaRows.read(cursor.value(), "horizon of tombstones").getLong());
      }
    }
  }

  /** Up to when tombstones of a table may be gone; 0 when all are there. */
  long droppedUpTo(int table) {
    return dropped.isEmpty() ? 0 : dropped.getOrDefault(table, 0L);
  }

  /** The stored value in a row. */
  public static StoredValue value(byte[] row) {
    check(row);
    return StoredValue.read(row, VALUE_AT, row.length - VALUE_AT);
  }

  /** When this region deleted the item. */
  public static long deletedAt(byte[] row) {
    check(row);
    return ByteBuffer.wrap(row).getLong(1);
  }

  private static void check(byte[] row) {
    if (row.length <= VALUE_AT || row[0] != VERSION) {
      throw new StoreException("a tombstone of an unknown format");
    }
  }

  private static byte[] row(ItemEffect effect) {
    ByteString value = effect.getTombstone();
    byte[] row = new byte[VALUE_AT + value.size()];
    ByteBuffer.wrap(row).put(VERSION).putLong(effect.getDeletedAt());
    value.copyTo(row, VALUE_AT);
    return row;
  }

  /** Begins an entry. */
  void clear() {
    written.clear();
    newlyDropped.clear();
  }

  /** What a change of the item with this key leaves. */
  void add(ItemEffect effect, byte[] key, RowBatch batch) {
    if (effect.hasTombstone()) {
      byte[] row = row(effect);
      batch.put(Family.TOMBSTONES, key, row);
      written.put(new RowKey(key), row);
    } else if (effect.getClearsTombstone()) {
      batch.delete(Family.TOMBSTONES, key);
      written.put(new RowKey(key), GONE);
    }
  }

  /** Drops those of the named ones that are as old as the effect says. */
  void drop(DropTombstones effect, RowBatch batch) {
    raise(effect, batch);
    for (ByteString suffix : effect.getKeysList()) {
      byte[] key = StoreKeys.row(effect.getTableId(), 0, suffix);
      byte[] row = now(key);
      if (row != null && Long.compareUnsigned(deletedAt(row), effect.getUpTo()) <= 0) {
        batch.delete(Family.TOMBSTONES, key);
        written.put(new RowKey(key), GONE);
      }
    }
  }

  private void raise(DropTombstones effect, RowBatch batch) {
    int table = effect.getTableId();
    long before = newlyDropped.getOrDefault(table, droppedUpTo(table));
    if (effect.getUpTo() != EVERYTHING && Long.compareUnsigned(effect.getUpTo(), before) > 0) {
      newlyDropped.put(table, effect.getUpTo());
      batch.put(
          Family.META,
          MetaRows.tombstonesDroppedKey(partition, table),
          MetaRows.value(9).putLong(effect.getUpTo()).array());
    }
  }

  void dropTable(int table, RowBatch batch) {
    if (dropped.containsKey(table) || newlyDropped.containsKey(table)) {
      batch.delete(Family.META, MetaRows.tombstonesDroppedKey(partition, table));
      newlyDropped.put(table, 0L);
    }
  }

  /** The batch is committed. */
  void publish() {
    dropped.putAll(newlyDropped);
    dropped.values().removeIf(upTo -> upTo == 0);
  }

  private byte @Nullable [] now(byte[] key) {
    byte[] changed = written.get(new RowKey(key));
    if (changed == null) {
      return store.get(Family.TOMBSTONES, key);
    }
    return changed.length == 0 ? null : changed;
  }
}
