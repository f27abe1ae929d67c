package io.equator.node;

import java.time.Duration;

/**
 * How what is kept more than once is compared: replicas with one another, and regions.
 *
 * @param interval between two comparisons of a partition; zero: only when asked, or in doubt
 * @param bytesPerSecond how fast a node reads rows for that, over all of its partitions; 0: no
 *     bound
 * @param regions how a table is compared with other regions
 */
public record ScrubConfig(Duration interval, long bytesPerSecond, Regions regions) {
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

  /** Replicas like this, regions as is right for most. */
  public ScrubConfig(Duration interval, long bytesPerSecond) {
    this(interval, bytesPerSecond, Regions.defaults());
  }

  /** Once a day, 32 MiB per second. */
  public static ScrubConfig defaults() {
    return new ScrubConfig(Duration.ofDays(1), 32 << 20);
  }

  /** The same for replicas, and this for regions. */
  public ScrubConfig withRegions(Regions other) {
    return new ScrubConfig(interval, bytesPerSecond, other);
  }

  /**
   * How tables are compared with other regions.
   *
   * @param interval between two comparisons of a partition with a region; zero: only when asked, or
   *     when the region was away
   * @param bytesPerSecond how fast a node reads rows for that, over all of its partitions, a row
   *     counting as 1 KiB at least; 0: no bound
   */
  public record Regions(Duration interval, long bytesPerSecond) {
    /** Checks the bounds. */
    public Regions {
      if (interval.isNegative()) {
        throw new IllegalArgumentException(
            "regions.compare-interval must not be negative, was " + interval);
      }
      if (bytesPerSecond < 0) {
        throw new IllegalArgumentException(
            "regions.compare-bytes-per-second must not be negative, was " + bytesPerSecond);
      }
    }

    /** Once a week, 4 MiB per second: at most some thousand lookups in the other region. */
    public static Regions defaults() {
      return new Regions(Duration.ofDays(7), 4 << 20);
    }
  }
}
