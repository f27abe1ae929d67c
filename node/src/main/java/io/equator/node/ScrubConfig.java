package io.equator.node;

import java.time.Duration;

/**
 * How replicas are compared with one another.
 *
 * @param interval between two comparisons of a partition; zero: only when asked, or in doubt
 * @param bytesPerSecond how fast a node reads rows for that, over all of its partitions; 0: no
 *     bound
 */
public record ScrubConfig(Duration interval, long bytesPerSecond) {
  /** Checks the bounds. */
  public ScrubConfig {
    if (interval.isNegative()) {
      throw new IllegalArgumentException(
          "storage.scrub-interval must not be negative, was " + interval);
    }
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException(
          "storage.scrub-bytes-per-second must not be negative, was " + bytesPerSecond);
    }
  }

  /** Once a day, 32 MiB per second. */
  public static ScrubConfig defaults() {
    return new ScrubConfig(Duration.ofDays(1), 32 << 20);
  }
}
