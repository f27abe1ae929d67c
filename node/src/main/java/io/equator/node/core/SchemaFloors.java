package io.equator.node.core;

import io.equator.proto.RequireSchema;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The oldest schema version of each table with which a write may still have been decided.
 *
 * <p>A new reader of the change log (a stream that is switched on, a global index that is built)
 * must not miss a change that a leader decided before it knew of the reader. So the reader first
 * puts {@link RequireSchema} into the log: whatever stands behind it was decided with that version
 * or a later one. Most tables never need a floor.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
final class SchemaFloors {
  private final long partition;
  private final Map<Integer, Long> committed = new ConcurrentHashMap<>();
  private final Map<Integer, Long> changed = new HashMap<>();

  SchemaFloors(long partition, StoreView store) {
    this.partition = partition;
    byte[] prefix = MetaRows.schemaFloorPrefix(partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        committed.put(
            MetaRows.tableOfChangeKey(cursor.key()), MetaRows.schemaFloor(cursor.value()));
      }
    }
  }

  /** The floor of a table; 0 when it has none. */
  long get(int table) {
    return committed.isEmpty() ? 0 : committed.getOrDefault(table, 0L);
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void raise(RequireSchema effect, RowBatch batch) {
    int table = effect.getTableId();
    long floor = Math.max(get(table), effect.getSchemaVersion());
    changed.put(table, floor);
    batch.put(Family.META, MetaRows.schemaFloorKey(partition, table), MetaRows.schemaFloor(floor));
  }

  void drop(int table, RowBatch batch) {
    if (committed.containsKey(table)) {
      batch.delete(Family.META, MetaRows.schemaFloorKey(partition, table));
      changed.put(table, 0L);
    }
  }

  /** The batch is committed. */
  void publish() {
    for (Map.Entry<Integer, Long> change : changed.entrySet()) {
      if (change.getValue() == 0) {
        committed.remove(change.getKey());
      } else {
        committed.put(change.getKey(), change.getValue());
      }
    }
  }
}
