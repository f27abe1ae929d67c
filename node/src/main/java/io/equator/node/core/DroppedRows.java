package io.equator.node.core;

import io.equator.node.core.MetaRows.Dropped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Removes the rows of dropped tables, little by little.
 *
 * <p>Dropping a table is one small entry of the log, however big the table is: it marks the rows,
 * which nobody can reach any more. Removing them is each store's own business and no part of the
 * replicated state. Range deletions would be one step, but each of them would slow down every read
 * until it is compacted away, and the row cache does not allow them.
 *
 * <p>Used by one thread.
 */
public final class DroppedRows {
  private static final int BATCH_ROWS = 1_000;

  private final Store store;
  private @Nullable Dropped current;

  /** Removes from {@code store}. */
  public DroppedRows(Store store) {
    this.store = store;
  }

  /** True while there are marked rows. */
  public boolean any() {
    return next().isPresent();
  }

  /**
   * Removes about {@code rowsMax} rows at most.
   *
   * @return true when nothing marked is left
   */
  public boolean remove(int rowsMax) {
    int left = rowsMax;
    while (left > 0) {
      Optional<Dropped> dropped = next();
      if (dropped.isEmpty()) {
        return true;
      }
      if (!dropped.get().equals(current)) {
        current = dropped.get();
        dropFiles(current);
      }
      left -= removeSome(dropped.get());
    }
    return false;
  }

  private void dropFiles(Dropped dropped) {
    for (int index : dropped.indexes()) {
      for (Family family : families(index)) {
        store.dropFiles(
            family,
            StoreKeys.firstOfToken(dropped.table(), index, dropped.firstToken()),
            StoreKeys.afterToken(dropped.table(), index, dropped.lastToken()));
      }
    }
  }

  /** An index's number does not say whether it is a local or a global one; it is never both. */
  private static List<Family> families(int index) {
    return index == 0
        ? List.of(Family.ITEMS, Family.TOMBSTONES)
        : List.of(Family.LOCAL_INDEXES, Family.GLOBAL_INDEXES);
  }

  private Optional<Dropped> next() {
    byte[] prefix = {MetaRows.DROPPED};
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      cursor.first();
      return cursor.valid()
          ? Optional.of(Dropped.of(cursor.key(), cursor.value()))
          : Optional.empty();
    }
  }

  /** Removes one batch of rows, or the mark when there are none. */
  private int removeSome(Dropped dropped) {
    int table = dropped.table();
    try (RowBatch batch = store.newBatch()) {
      int rows = 0;
      for (int index : dropped.indexes()) {
        byte[] lower = StoreKeys.firstOfToken(table, index, dropped.firstToken());
        byte[] upper = StoreKeys.afterToken(table, index, dropped.lastToken());
        for (Family family : families(index)) {
          rows = delete(batch, family, lower, upper, rows);
        }
      }
      rows =
          delete(
              batch,
              Family.META,
              MetaRows.firstCollectionKey(table, dropped.firstToken()),
              MetaRows.afterCollectionKey(table, dropped.lastToken()),
              rows);
      if (rows == 0) {
        batch.delete(Family.META, dropped.key());
      }
      store.commit(batch);
      return Math.max(1, rows);
    }
  }

  private int delete(RowBatch batch, Family family, byte[] lower, byte[] upper, int already) {
    int rows = already;
    try (RowCursor cursor = store.cursor(family, lower, upper)) {
      for (cursor.first(); rows < BATCH_ROWS && cursor.valid(); cursor.next()) {
        batch.delete(family, cursor.key());
        rows++;
      }
    }
    return rows;
  }
}
