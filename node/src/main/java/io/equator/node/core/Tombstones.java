package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.proto.DropTombstones;
import io.equator.proto.ItemEffect;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
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
 * ({@link DropTombstones}).
 *
 * <p>The machine's monitor guards the changes.
 */
public final class Tombstones {
  private static final byte VERSION = 1;
  private static final int VALUE_AT = 9;
  private static final byte[] GONE = {};

  private final StoreView store;

  /** What the entry that is being applied has written; {@link #GONE} for a removed one. */
  private final Map<RowKey, byte[]> written = new HashMap<>();

  Tombstones(StoreView store) {
    this.store = store;
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
    for (ByteString suffix : effect.getKeysList()) {
      byte[] key = StoreKeys.row(effect.getTableId(), 0, suffix);
      byte[] row = now(key);
      if (row != null && Long.compareUnsigned(deletedAt(row), effect.getUpTo()) <= 0) {
        batch.delete(Family.TOMBSTONES, key);
        written.put(new RowKey(key), GONE);
      }
    }
  }

  private byte @Nullable [] now(byte[] key) {
    byte[] changed = written.get(new RowKey(key));
    if (changed == null) {
      return store.get(Family.TOMBSTONES, key);
    }
    return changed.length == 0 ? null : changed;
  }
}
