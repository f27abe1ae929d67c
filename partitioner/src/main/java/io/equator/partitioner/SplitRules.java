package io.equator.partitioner;

import java.time.Duration;

/**
 * When partitions are split by themselves.
 *
 * @param sizeBytes a partition with so many bytes of items and index rows is split; 0: never for
 *     its size
 * @param rowsPerSecond one that is asked for so many rows, read or written, is split; 0: never for
 *     its load
 * @param heatFor for so long the load must last
 * @param cooldown a half is not split again before
 * @param partitionsPerNodeMax a node with so many replicas gets no more: each costs threads and
 *     memory whatever it does (8 to 32 is what Ratis was measured to bear well)
 */
public record SplitRules(
    long sizeBytes,
    long rowsPerSecond,
    Duration heatFor,
    Duration cooldown,
    int partitionsPerNodeMax) {

  /** Partitions are split only when somebody asks for it. */
  public static final SplitRules OFF =
      new SplitRules(0, 0, Duration.ofMinutes(2), Duration.ofMinutes(10), 32);

  /** 10 GiB; 20,000 rows a second for 2 minutes, 10 minutes apart; 32 replicas on a node. */
  public static final SplitRules DEFAULT =
      new SplitRules(10L << 30, 20_000, Duration.ofMinutes(2), Duration.ofMinutes(10), 32);

  /** Checks the bounds. */
  public SplitRules {
    if (sizeBytes < 0 || rowsPerSecond < 0) {
      throw new IllegalArgumentException("size and rows-per-second must be >= 0");
    }
    if (heatFor.isNegative() || cooldown.isNegative()) {
      throw new IllegalArgumentException("heat-for and cooldown must not be negative");
    }
    if (partitionsPerNodeMax < 1) {
      throw new IllegalArgumentException(
          "partitions-per-node-max must be > 0, was " + partitionsPerNodeMax);
    }
  }

  /** Whether there is anything to look for. */
  public boolean isOn() {
    return sizeBytes > 0 || rowsPerSecond > 0;
  }
}
