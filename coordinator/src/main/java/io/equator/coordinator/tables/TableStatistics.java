package io.equator.coordinator.tables;

import java.util.Map;

/**
 * How much a table and its indexes hold.
 *
 * @param table the table itself
 * @param indexes by index number; an index without rows may be missing
 */
record TableStatistics(Size table, Map<Integer, Size> indexes) {
  static final TableStatistics NOTHING = new TableStatistics(Size.NOTHING, Map.of());

  TableStatistics {
    indexes = Map.copyOf(indexes);
  }

  Size index(int indexId) {
    return indexes.getOrDefault(indexId, Size.NOTHING);
  }

  /** Items (or index rows) and their bytes as DynamoDB counts them. */
  record Size(long itemCount, long sizeBytes) {
    static final Size NOTHING = new Size(0, 0);

    Size plus(long items, long bytes) {
      return new Size(itemCount + items, sizeBytes + bytes);
    }
  }
}
