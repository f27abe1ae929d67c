package io.equator.node;

import io.equator.node.core.WriteLimits;
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
    ScrubConfig scrub) {
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
        ScrubConfig.defaults());
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
        scrub);
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
        scrub);
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
        scrub);
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
        scrub);
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
        other);
  }
}
