package io.equator.node.core;

import io.equator.node.core.MetaRows.Descriptor;
import java.util.Arrays;

/**
 * Throws away everything that a store has of a partition, whose replica is no longer here.
 *
 * <p>The descriptor goes last, so a crash in between leaves a partition that is known to be here
 * and is thrown away again; and nobody opens it anew before nothing is left. Row by row, as in
 * {@link StateReplacement}.
 */
public final class ForgottenPartition {
  private static final int BATCH_ROWS = 1_000;

  private ForgottenPartition() {}

  /**
   * Removes the rows; its machine and log must be closed. Takes as long as the partition is big.
   *
   * @throws StoreException when the store failed; it may be done again
   */
  public static void remove(Store store, long partition, Descriptor descriptor) {
    for (Family family : Family.values()) {
      for (RowRange range : PartitionRows.of(store, family, partition, descriptor)) {
        if (!Arrays.equals(range.lower(), SplitRows.key(SplitRows.SEALED, partition))) {
          store.dropFiles(family, range.lower(), range.upper());
          delete(store, range);
        }
      }
    }
    try (RowBatch batch = store.newBatch()) {
      // With the descriptor: as long as the partition is here, its seal keeps its heirs' rows.
      batch.delete(Family.META, SplitRows.key(SplitRows.SEALED, partition));
      batch.delete(Family.META, SplitRows.key(SplitRows.HANDOVER, partition));
      batch.delete(Family.META, MetaRows.replacingKey(partition));
      batch.delete(Family.META, MetaRows.descriptorKey(partition));
      store.commit(batch);
    }
    store.flush();
  }

  static void delete(Store store, RowRange range) {
    boolean more = true;
    while (more) {
      int rows = 0;
      try (RowBatch batch = store.newBatch()) {
        try (RowCursor cursor = store.cursor(range.family(), range.lower(), range.upper())) {
          for (cursor.first(); rows < BATCH_ROWS && cursor.valid(); cursor.next()) {
            batch.delete(range.family(), cursor.key());
            rows++;
          }
        }
        store.commit(batch);
      }
      more = rows == BATCH_ROWS;
    }
  }
}
