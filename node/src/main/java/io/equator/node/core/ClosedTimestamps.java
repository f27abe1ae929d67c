package io.equator.node.core;

import io.equator.proto.CloseTimestamp;
import io.equator.proto.ItemEffect;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Up to which timestamp the changes that this region makes to a table are all in the log.
 *
 * <p>An entry of the log closes a timestamp: an entry behind it that would change an item with a
 * timestamp up to it is refused whole, and decided again (the leader closes what is a second old,
 * so that happens only when an entry has been on its way that long). Leaders decide above what is
 * closed, so neither this leader nor a later one goes back behind it, whatever its clock says. What
 * a transaction holds will be written with a timestamp at or above that of its lock, so a closed
 * timestamp stays below all of those.
 *
 * <p>Other regions' versions, merged here, are not meant: their own regions close them.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
public final class ClosedTimestamps {
  /**
   * A closed timestamp.
   *
   * @param timestamp unsigned; 0: nothing is closed
   * @param index of the entry that closed it: all of its changes stand before
   */
  public record Closed(long timestamp, long index) {
    static final Closed NOTHING = new Closed(0, -1);

    static Closed of(byte[] row) {
      ByteBuffer value = MetaRows.read(row, "closed timestamp");
      return new Closed(value.getLong(), value.getLong());
    }

    byte[] row() {
      return MetaRows.value(17).putLong(timestamp).putLong(index).array();
    }
  }

  private final long partition;
  private final Map<Integer, Closed> committed = new ConcurrentHashMap<>();
  private final Map<Integer, Closed> changed = new HashMap<>();

  ClosedTimestamps(long partition, StoreView store) {
    this.partition = partition;
    byte[] prefix = MetaRows.prefix(MetaRows.CLOSED, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        committed.put(MetaRows.tableOfChangeKey(cursor.key()), Closed.of(cursor.value()));
      }
    }
  }

  /** What is closed of a table. */
  Closed get(int table) {
    return committed.isEmpty() ? Closed.NOTHING : committed.getOrDefault(table, Closed.NOTHING);
  }

  /** Whether a change comes too late. */
  boolean forbids(ItemEffect effect) {
    if (committed.isEmpty() || effect.getMerged()) {
      return false;
    }
    long made = effect.hasTombstone() ? effect.getDeletedAt() : effect.getTimestamp();
    Closed closed = get(effect.getTableId());
    return closed.timestamp() != 0 && Long.compareUnsigned(made, closed.timestamp()) <= 0;
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void close(CloseTimestamp effect, TransactionState transactions, EntryScope scope) {
    for (int table : effect.getTableIdsList()) {
      long oldest = transactions.oldestHeld(table);
      long timestamp = effect.getTimestamp();
      if (oldest != 0 && Long.compareUnsigned(oldest - 1, timestamp) < 0) {
        timestamp = oldest - 1;
      }
      Closed before = changed.getOrDefault(table, get(table));
      if (Long.compareUnsigned(timestamp, before.timestamp()) < 0) {
        timestamp = before.timestamp();
      }
      Closed closed = new Closed(timestamp, scope.index());
      changed.put(table, closed);
      scope.batch().put(Family.META, MetaRows.closedKey(partition, table), closed.row());
    }
  }

  void drop(int table, RowBatch batch) {
    if (committed.containsKey(table) || changed.containsKey(table)) {
      batch.delete(Family.META, MetaRows.closedKey(partition, table));
      changed.put(table, Closed.NOTHING);
    }
  }

  /** The batch is committed. */
  void publish() {
    for (Map.Entry<Integer, Closed> change : changed.entrySet()) {
      if (change.getValue().equals(Closed.NOTHING)) {
        committed.remove(change.getKey());
      } else {
        committed.put(change.getKey(), change.getValue());
      }
    }
  }
}
