package io.equator.server.load;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Everything that a run needs to know, checked.
 *
 * @param workload the mix of operations
 * @param endpoint where the requests go
 * @param table the table's name
 * @param records how many items are loaded before, and chosen from
 * @param itemBytes bytes of attribute values in each item
 * @param attributes attributes of each item beside its key
 * @param batchSize items in each BatchWriteItem, BatchGetItem or TransactWriteItems
 * @param rangeLength items that each Query asks for
 * @param indexes global secondary indexes of the table, each with all attributes
 * @param stream whether the table has a stream, with both images
 * @param distribution how records are chosen
 * @param consistentReads whether reads ask for strong consistency
 * @param connections open connections
 * @param threads client threads that drive them
 * @param ratePerSecond operations due per second over all connections; 0: as fast as they are
 *     answered
 * @param warmup traffic before the measured part
 * @param duration the measured part
 * @param serverPid the server's process, whose CPU time is read
 * @param seed of every random choice
 */
record LoadPlan(
    Workload workload,
    Endpoint endpoint,
    String table,
    long records,
    int itemBytes,
    int attributes,
    int batchSize,
    int rangeLength,
    int indexes,
    boolean stream,
    KeyChooser.Distribution distribution,
    boolean consistentReads,
    int connections,
    int threads,
    double ratePerSecond,
    Duration warmup,
    Duration duration,
    OptionalLong serverPid,
    long seed) {

  /** Items of each collection in a table with a sort key. */
  static final int COLLECTION_ITEMS = 100;

  /** Twelve digits name a record. */
  static final long RECORDS_MAX = 1_000_000_000_000L;

  LoadPlan {
    check(
        records >= 100 && records <= RECORDS_MAX / 2, "--records", "100 to 500000000000", records);
    check(attributes >= 1 && attributes <= 1000, "--attributes", "1 to 1000", attributes);
    check(
        itemBytes >= 16 * attributes && itemBytes <= 380 * 1024,
        "--item-size",
        "16 bytes per attribute to 389120",
        itemBytes);
    check(batchSize >= 1 && batchSize <= 25, "--batch-size", "1 to 25", batchSize);
    check(
        rangeLength >= 1 && rangeLength <= COLLECTION_ITEMS,
        "--range-length",
        "1 to " + COLLECTION_ITEMS,
        rangeLength);
    check(
        indexes >= 0 && indexes <= Math.min(20, attributes),
        "--indexes",
        "0 to 20, and no more than there are attributes",
        indexes);
    check(connections >= 1 && connections <= 10_000, "--connections", "1 to 10000", connections);
    check(
        threads >= 1 && threads <= connections,
        "--threads",
        "1 to the connections' number",
        threads);
    check(ratePerSecond >= 0, "--rate", "0 or more", ratePerSecond);
    check(!warmup.isNegative(), "--warmup", "0 or more seconds", warmup.toSeconds());
    check(duration.isPositive(), "--duration", "at least 1 second", duration.toSeconds());
  }

  private static void check(boolean holds, String option, String allowed, Object was) {
    if (!holds) {
      throw new IllegalArgumentException(option + " must be " + allowed + ", was " + was);
    }
  }

  boolean sortKey() {
    return workload.needsSortKey();
  }

  boolean fixedRate() {
    return ratePerSecond > 0;
  }
}
