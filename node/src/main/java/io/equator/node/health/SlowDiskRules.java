package io.equator.node.health;

import java.time.Duration;

/**
 * When a disk counts as slow.
 *
 * @param forceAtLeast forcing a small file takes at least so long; zero: no disk counts as slow
 * @param timesPeers and at least so many times as long as at the median of the peers
 * @param after for so long without a break; and it must be well again for so long
 */
public record SlowDiskRules(Duration forceAtLeast, double timesPeers, Duration after) {
  /** Checks the bounds. */
  public SlowDiskRules {
    if (forceAtLeast.isNegative()) {
      throw new IllegalArgumentException(
          "disk.slow-force must not be negative, was " + forceAtLeast);
    }
    if (timesPeers < 1) {
      throw new IllegalArgumentException(
          "disk.slow-times-peers must be at least 1, was " + timesPeers);
    }
    if (!after.isPositive()) {
      throw new IllegalArgumentException("disk.slow-after must be > 0, was " + after);
    }
  }

  /** 100 ms, five times the peers, for ten seconds. */
  public static SlowDiskRules defaults() {
    return new SlowDiskRules(Duration.ofMillis(100), 5, Duration.ofSeconds(10));
  }
}
