package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.IndexCursors.Lane;
import io.equator.proto.ApplyIndex;
import io.equator.proto.ChangePlace;
import io.equator.proto.DropIndex;
import io.equator.proto.GlobalIndexRow;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of global indexes that stand in one partition, and what it knows about building them.
 *
 * <p>Changes of one source come in order and are applied once: what stands before the source's
 * cursor is left out. Rows of a walk over the source's items are taken as long as no change behind
 * the walk's own place has come; the changes that follow bring them up to date.
 *
 * <p>The machine's monitor guards everything but the readers' methods.
 */
final class GlobalIndexes {
  private final Store store;
  private final TableCounters counters;
  private final IndexCursors cursors;
  private final IndexBuilds builds;

  /** Rows that the entry being applied has written (empty: deleted); the store has older ones. */
  private final Map<RowKey, byte[]> written = new HashMap<>();

  private static final byte[] DELETED = {};

  GlobalIndexes(long partition, Store store, TableCounters counters) {
    this.store = store;
    this.counters = counters;
    this.cursors = new IndexCursors(partition, store);
    this.builds = new IndexBuilds(partition, store);
  }

  IndexCursors cursors() {
    return cursors;
  }

  IndexBuilds builds() {
    return builds;
  }

  /** Begins an entry. */
  void clear() {
    written.clear();
    cursors.clear();
    builds.clear();
  }

  void apply(ApplyIndex effect, RowBatch batch) {
    Lane lane = new Lane(effect.getTableId(), effect.getIndexId(), effect.getSourcePartition());
    ChangePosition cursor = cursors.now(lane);
    ChangePosition to = position(effect.getTo());
    if (effect.getWalk() && cursor.compareTo(to) > 0) {
      return;
    }
    for (int i = 0; i < effect.getRowsCount(); i++) {
      GlobalIndexRow row = effect.getRows(i);
      if (effect.getWalk() || position(row.getAt()).compareTo(cursor) >= 0) {
        write(lane, row, batch);
      }
    }
    if (to.compareTo(cursor) > 0) {
      cursors.advance(lane, to, batch);
    }
  }

  static ChangePosition position(ChangePlace place) {
    return new ChangePosition(place.getLogIndex(), place.getPosition());
  }

  private void write(Lane lane, GlobalIndexRow row, RowBatch batch) {
    byte[] key = StoreKeys.row(lane.table(), lane.index(), row.getKey());
    RowKey rowKey = new RowKey(key);
    byte[] before = before(rowKey);
    long oldSize = before == null ? 0 : StoredValue.read(before).item().sizeBytes();
    if (row.hasValue()) {
      ByteString value = row.getValue();
      batch.put(Family.GLOBAL_INDEXES, key, value.toByteArray());
      written.put(rowKey, value.toByteArray());
      long newSize = StoredValue.read(value).item().sizeBytes();
      counters.count(
          Family.GLOBAL_INDEXES,
          key,
          lane.table(),
          lane.index(),
          before == null ? 1 : 0,
          newSize - oldSize);
    } else if (before != null) {
      batch.delete(Family.GLOBAL_INDEXES, key);
      written.put(rowKey, DELETED);
      counters.count(Family.GLOBAL_INDEXES, key, lane.table(), lane.index(), -1, -oldSize);
    }
  }

  private byte @Nullable [] before(RowKey key) {
    byte[] row = written.get(key);
    if (row == null) {
      return store.get(Family.GLOBAL_INDEXES, key.bytes());
    }
    return row.length == 0 ? null : row;
  }

  void drop(DropIndex effect, RowBatch batch) {
    cursors.drop(effect.getTableId(), effect.getIndexId(), batch);
    builds.drop(effect.getTableId(), effect.getIndexId(), batch);
  }

  void dropTable(int table, RowBatch batch) {
    cursors.drop(table, 0, batch);
    builds.drop(table, 0, batch);
  }

  /** The batch is committed. */
  void publish() {
    cursors.publish();
    builds.publish();
  }
}
