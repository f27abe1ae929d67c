package io.equator.node.rocksdb;

import java.util.Map;

/**
 * Figures of a node's store.
 *
 * @param families by the families' stored names
 * @param blockCacheBytes what the block cache holds
 * @param blockCacheBytesMax what it may hold
 * @param rowCacheBytes what the row cache holds; 0 when there is none
 * @param flushesRunning memory tables being written out
 * @param compactionsRunning compactions at work
 * @param writesStopped true while writes wait for flushes or compactions
 * @param delayedBytesPerSecond the rate to which writes are slowed down; 0 when they are not
 * @param stalls how often a family has begun to slow down or stop writes
 * @param unflushedBytes of log entries applied since the last flush began
 */
public record StoreStatistics(
    Map<String, FamilyStatistics> families,
    long blockCacheBytes,
    long blockCacheBytesMax,
    long rowCacheBytes,
    long flushesRunning,
    long compactionsRunning,
    boolean writesStopped,
    long delayedBytesPerSecond,
    long stalls,
    long unflushedBytes) {

  public StoreStatistics {
    families = Map.copyOf(families);
  }

  /**
   * Of one column family.
   *
   * @param memoryTableBytes in memory, not in files yet
   * @param fileBytes of the files that hold its newest state
   * @param keys about how many rows it has
   * @param pendingCompactionBytes about how much compactions have to rewrite
   */
  public record FamilyStatistics(
      long memoryTableBytes, long fileBytes, long keys, long pendingCompactionBytes) {}
}
