package io.equator.node.changes;

import java.time.Duration;

/**
 * How much of the change log may wait for its readers.
 *
 * @param indexBacklogBytes records of one partition that a global index has not taken; a table's
 *     writes that would add to them are throttled from then on, until the index has caught up to
 *     below it. 0: no bound.
 * @param indexBacklogAge how old the oldest of these may be, in the same way; zero: no bound.
 *     Beware that an index on a partition without a leader ages, too.
 * @param streamBytes records of one partition that are kept for readers of streams; those that are
 *     too many go before their 24 hours are over, the oldest first. 0: no bound.
 * @param shardRotation how long a shard of a stream is open; zero: for ever
 */
public record ChangeLimits(
    long indexBacklogBytes, Duration indexBacklogAge, long streamBytes, Duration shardRotation) {
  /** About as long as on DynamoDB. */
  private static final Duration SHARD_ROTATION = Duration.ofHours(4);

  /** Checks the bounds. */
  public ChangeLimits {
    if (indexBacklogBytes < 0) {
      throw new IllegalArgumentException(
          "changes.index-backlog-bytes must not be negative, was " + indexBacklogBytes);
    }
    if (indexBacklogAge.isNegative()) {
      throw new IllegalArgumentException(
          "changes.index-backlog-age must not be negative, was " + indexBacklogAge);
    }
    if (shardRotation.isNegative()) {
      throw new IllegalArgumentException(
          "changes.shard-rotation must not be negative, was " + shardRotation);
    }
    if (streamBytes < 0) {
      throw new IllegalArgumentException(
          "changes.stream-bytes must not be negative, was " + streamBytes);
    }
  }

  /** These, and shards are open as long as is right for most. */
  public ChangeLimits(long indexBacklogBytes, Duration indexBacklogAge, long streamBytes) {
    this(indexBacklogBytes, indexBacklogAge, streamBytes, SHARD_ROTATION);
  }

  /** The same, with shards that are open for so long. */
  public ChangeLimits withShardRotation(Duration interval) {
    return new ChangeLimits(indexBacklogBytes, indexBacklogAge, streamBytes, interval);
  }

  /**
   * 256 MiB, of any age: a pump that works carries that in about ten seconds, and what a failover
   * of a target holds up is far less. 16 GiB for streams: more than a partition's items, which is
   * split at 10 GiB.
   */
  public static ChangeLimits defaults() {
    return new ChangeLimits(256L << 20, Duration.ZERO, 16L << 30);
  }

  /** Nothing is ever held back. */
  public static ChangeLimits none() {
    return new ChangeLimits(0, Duration.ZERO, 0);
  }
}
