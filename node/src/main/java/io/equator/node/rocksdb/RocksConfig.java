package io.equator.node.rocksdb;

/**
 * How much memory and how many threads a node's store may take.
 *
 * @param blockCacheBytes uncompressed blocks, indexes and filters kept in memory
 * @param rowCacheBytes single rows kept in memory, so that reading a hot item does not search its
 *     block (measured: 2.5 instead of 5 µs)
 * @param writeBufferBytes size at which a family's memory table is written out
 * @param backgroundJobs threads for flushes and compactions
 */
public record RocksConfig(
    long blockCacheBytes, long rowCacheBytes, long writeBufferBytes, int backgroundJobs) {
  /** Checks the bounds. */
  public RocksConfig {
    if (blockCacheBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "storage.block-cache-bytes must be at least 1 MiB, was " + blockCacheBytes);
    }
    if (rowCacheBytes < 0) {
      throw new IllegalArgumentException(
          "storage.row-cache-bytes must not be negative, was " + rowCacheBytes);
    }
    if (writeBufferBytes < 1 << 16) {
      throw new IllegalArgumentException(
          "storage.write-buffer-bytes must be at least 64 KiB, was " + writeBufferBytes);
    }
    if (backgroundJobs < 1) {
      throw new IllegalArgumentException(
          "storage.background-jobs must be at least 1, was " + backgroundJobs);
    }
  }

  /** 256 MiB of caches, write buffers of 64 MiB, two background threads. */
  public static RocksConfig defaults() {
    return new RocksConfig(192L << 20, 64L << 20, 64L << 20, 2);
  }
}
