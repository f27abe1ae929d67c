package io.equator.node;

import io.equator.node.changes.ChangeLimits;
import io.equator.node.core.WriteLimits;
import io.equator.node.health.HealthConfig;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.snapshots.SnapshotLimits;
import io.equator.partitioner.NodeId;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a storage node is and how it keeps its data.
 *
 * @param node its id, the same for as long as the directory lives
 * @param directory where its store is; made when it is not there
 * @param region the region's number, written into every value
 * @param store memory and threads of the store
 * @param writes how each partition gathers and bounds its writes
 * @param flushInterval how long applied data may wait for the disk; bounds what is replayed after a
 *     crash
 * @param flushBytes bytes of entries after which it does not wait
 * @param readThreads threads for reads that take long
 * @param inMemory nothing is to outlive the process: data goes to disk only to bound memory
 * @param snapshots what sending states of partitions to other nodes may take
 * @param scrub how often replicas are compared, and how fast their rows are read
 * @param ttlDeletesPerSecond expired items deleted at most; 0: no bound
 * @param changes how much of the change log may wait for its readers
 * @param health what is to stay free on the disk, and when the disk counts as slow
 */
public record NodeConfig(
    NodeId node,
    Path directory,
    int region,
    RocksConfig store,
    WriteLimits writes,
    Duration flushInterval,
    long flushBytes,
    int readThreads,
    boolean inMemory,
    SnapshotLimits snapshots,
    ScrubConfig scrub,
    int ttlDeletesPerSecond,
    ChangeLimits changes,
    HealthConfig health) {
  /** A node spends no more than this on expired items, so that they do not crowd out requests. */
  public static final int TTL_DELETES_PER_SECOND = 2_000;

  /** Checks the bounds. */
  public NodeConfig {
    if (region < 0 || region > 0xffff) {
      throw new IllegalArgumentException("region number must fit 16 bits, was " + region);
    }
    if (!flushInterval.isPositive()) {
      throw new IllegalArgumentException(
          "storage.flush-interval must be > 0, was " + flushInterval);
    }
    if (flushBytes < 1) {
      throw new IllegalArgumentException("storage.flush-bytes must be > 0, was " + flushBytes);
    }
    if (ttlDeletesPerSecond < 0) {
      throw new IllegalArgumentException(
          "storage.ttl-deletes-per-second must not be negative, was " + ttlDeletesPerSecond);
    }
    if (readThreads < 1) {
      throw new IllegalArgumentException("storage.read-threads must be > 0, was " + readThreads);
    }
  }

  /** The defaults for a node with this id and directory: flushes every 60 s or 64 MiB. */
  public static NodeConfig of(NodeId node, Path directory) {
    return new NodeConfig(
        node,
        directory,
        1,
        RocksConfig.defaults(),
        WriteLimits.defaults(),
        Duration.ofSeconds(60),
        64L << 20,
        Math.max(2, Runtime.getRuntime().availableProcessors()),
        false,
        SnapshotLimits.defaults(),
        ScrubConfig.defaults(),
        TTL_DELETES_PER_SECOND,
        ChangeLimits.defaults(),
        HealthConfig.defaults());
  }

  /** The same, in a region of this number. */
  public NodeConfig withRegion(int number) {
    return new NodeConfig(
        node,
        directory,
        number,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        snapshots,
        scrub,
        ttlDeletesPerSecond,
        changes,
        health);
  }

  /** The same, with another budget for the store. */
  public NodeConfig withStore(RocksConfig budget) {
    return new NodeConfig(
        node,
        directory,
        region,
        budget,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        snapshots,
        scrub,
        ttlDeletesPerSecond,
        changes,
        health);
  }

  /** The same, for data that is gone with the process. */
  public NodeConfig withInMemory(boolean gone) {
    return new NodeConfig(
        node,
        directory,
        region,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        gone,
        snapshots,
        scrub,
        ttlDeletesPerSecond,
        changes,
        health);
  }

  /** The same, with other bounds for sending states of partitions. */
  public NodeConfig withSnapshots(SnapshotLimits limits) {
    return new NodeConfig(
        node,
        directory,
        region,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        limits,
        scrub,
        ttlDeletesPerSecond,
        changes,
        health);
  }

  /** The same, comparing replicas otherwise. */
  public NodeConfig withScrub(ScrubConfig other) {
    return new NodeConfig(
        node,
        directory,
        region,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        snapshots,
        other,
        ttlDeletesPerSecond,
        changes,
        health);
  }

  /** The same, looking after its machine otherwise. */
  public NodeConfig withHealth(HealthConfig other) {
    return new NodeConfig(
        node,
        directory,
        region,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        snapshots,
        scrub,
        ttlDeletesPerSecond,
        changes,
        other);
  }

  /** The same, deleting expired items at another rate. */
  public NodeConfig withTtlDeletesPerSecond(int deletes) {
    return new NodeConfig(
        node,
        directory,
        region,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        snapshots,
        scrub,
        deletes,
        changes,
        health);
  }

  /** The same, with other bounds of the change log. */
  public NodeConfig withChanges(ChangeLimits limits) {
    return new NodeConfig(
        node,
        directory,
        region,
        store,
        writes,
        flushInterval,
        flushBytes,
        readThreads,
        inMemory,
        snapshots,
        scrub,
        ttlDeletesPerSecond,
        limits,
        health);
  }
}
