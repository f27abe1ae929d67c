package io.equator.model.capacity;

/** Capacity units from sizes (guide pages on read and write units; index arms as measured). */
public final class CapacityUnits {
  /** What one read unit covers, bytes. */
  public static final int READ_UNIT_SIZE = 4 * 1024;

  /** What one write unit covers, bytes. */
  public static final int WRITE_UNIT_SIZE = 1024;

  private CapacityUnits() {}

  /**
   * A read of one item, or of a page of Query or Scan, whose sizes are summed before they are
   * rounded. A missing item or an empty page costs as much as the smallest.
   */
  public static double read(long sizeBytes, ReadMode mode) {
    return Math.max(1, startedUnits(sizeBytes, READ_UNIT_SIZE)) * mode.factor();
  }

  /**
   * The table items that a query of a local index fetched.
   *
   * @param roundedBytes the sum of the items' sizes, each rounded up to 4 KB
   */
  public static double fetch(long roundedBytes, ReadMode mode) {
    return startedUnits(roundedBytes, READ_UNIT_SIZE) * mode.factor();
  }

  /** The size of one fetched table item, rounded up as {@link #fetch} needs it. */
  public static long roundedForFetch(long sizeBytes) {
    return Math.max(1, startedUnits(sizeBytes, READ_UNIT_SIZE)) * READ_UNIT_SIZE;
  }

  /**
   * A write that left {@code newSize} where {@code oldSize} was; 0 for no item. A refused condition
   * and the deletion of nothing cost as much as the smallest write.
   */
  public static double write(long oldSize, long newSize) {
    return Math.max(1, startedUnits(Math.max(oldSize, newSize), WRITE_UNIT_SIZE));
  }

  /** The same in a transaction. */
  public static double transactionalWrite(long oldSize, long newSize) {
    return 2 * write(oldSize, newSize);
  }

  /**
   * What a write costs in one secondary index. An index whose row stays the same to the byte is not
   * touched and must not be asked for.
   *
   * @param oldSize size of the index row before, 0 for none
   * @param newSize size of the index row after, 0 for none
   * @param moved the row has another key now: the old one is deleted, the new one written
   */
  public static double indexWrite(long oldSize, long newSize, boolean moved) {
    long before = startedUnits(oldSize, WRITE_UNIT_SIZE);
    long after = startedUnits(newSize, WRITE_UNIT_SIZE);
    return moved ? before + after : Math.max(before, after);
  }

  private static long startedUnits(long sizeBytes, int unitSize) {
    return (sizeBytes + unitSize - 1) / unitSize;
  }
}
