package io.equator.node.core;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Up to where the changes of each source partition are in the rows of global indexes that this
 * partition holds: every change before the cursor is, none at or after it.
 *
 * <p>The cursor changes in the batch of the rows, so delivering changes again has no effect, and a
 * source that has lost its own memory asks here where to go on.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
final class IndexCursors {
  /** A global index, and the partition whose items it shows. */
  record Lane(int table, int index, long source) {}

  private final long partition;
  private final Map<Lane, ChangePosition> committed = new ConcurrentHashMap<>();
  private final Map<Lane, ChangePosition> changed = new HashMap<>();

  IndexCursors(long partition, StoreView store) {
    this.partition = partition;
    byte[] prefix = MetaRows.prefix(MetaRows.INDEX_CURSOR, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        ByteBuffer key = ByteBuffer.wrap(cursor.key(), 9, 13);
        Lane lane = new Lane(key.getInt(), key.get() & 0xff, key.getLong());
        ByteBuffer value = MetaRows.read(cursor.value(), "cursor of a global index");
        committed.put(lane, new ChangePosition(value.getLong(), value.getInt()));
      }
    }
  }

  /** The cursor; {@link ChangePosition#START} when nothing has come yet. */
  ChangePosition get(Lane lane) {
    return committed.getOrDefault(lane, ChangePosition.START);
  }

  /** The cursor, with what the entry being applied has done to it. */
  ChangePosition now(Lane lane) {
    ChangePosition cursor = changed.get(lane);
    return cursor == null ? get(lane) : cursor;
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void advance(Lane lane, ChangePosition to, RowBatch batch) {
    changed.put(lane, to);
    batch.put(
        Family.META,
        MetaRows.indexCursorKey(partition, lane.table(), lane.index(), lane.source()),
        MetaRows.value(13).putLong(to.index()).putInt(to.position()).array());
  }

  /** Forgets a table's cursors: of one index, or of all when {@code index} is 0. */
  void drop(int table, int index, RowBatch batch) {
    for (Lane lane : committed.keySet()) {
      if (lane.table() == table && (index == 0 || lane.index() == index)) {
        changed.put(lane, ChangePosition.START);
        batch.delete(
            Family.META,
            MetaRows.indexCursorKey(partition, lane.table(), lane.index(), lane.source()));
      }
    }
  }

  /** The batch is committed. */
  void publish() {
    for (Map.Entry<Lane, ChangePosition> change : changed.entrySet()) {
      if (change.getValue().equals(ChangePosition.START)) {
        committed.remove(change.getKey());
      } else {
        committed.put(change.getKey(), change.getValue());
      }
    }
  }
}
