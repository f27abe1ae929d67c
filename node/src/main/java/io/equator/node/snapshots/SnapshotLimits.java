package io.equator.node.snapshots;

import java.time.Duration;

/**
 * What sending states to other nodes may take from this one.
 *
 * @param bytesPerSecond over all that are sent at a time; 0: no bound
 * @param sendingMax how many are sent at a time; others are told to ask elsewhere or later
 * @param fileBytes keys and values in one file, uncompressed
 * @param keptFor how long one that broke off can go on
 */
public record SnapshotLimits(long bytesPerSecond, int sendingMax, int fileBytes, Duration keptFor) {
  private static final long BYTES_PER_SECOND_LEAST = 64 << 10;

  /** Checks the bounds. */
  public SnapshotLimits {
    if (bytesPerSecond != 0 && bytesPerSecond < BYTES_PER_SECOND_LEAST) {
      // A receiver gives up on a sender from which it hears nothing for half a minute.
      throw new IllegalArgumentException(
          "storage.snapshot-bytes-per-second must be 0 or at least "
              + BYTES_PER_SECOND_LEAST
              + ", was "
              + bytesPerSecond);
    }
    if (sendingMax < 1) {
      throw new IllegalArgumentException(
          "storage.snapshots-sending-max must be > 0, was " + sendingMax);
    }
    if (fileBytes < 1 || fileBytes > 256 << 20) {
      throw new IllegalArgumentException(
          "storage.snapshot-file-bytes must be between 1 and 256 MiB, was " + fileBytes);
    }
    if (!keptFor.isPositive()) {
      throw new IllegalArgumentException("storage.snapshot-kept-for must be > 0, was " + keptFor);
    }
  }

  /** 64 MiB per second, two at a time, files of 32 MiB, kept for three minutes. */
  public static SnapshotLimits defaults() {
    return new SnapshotLimits(64 << 20, 2, 32 << 20, Duration.ofMinutes(3));
  }

  /** The same at another speed. */
  public SnapshotLimits withBytesPerSecond(long bytes) {
    return new SnapshotLimits(bytes, sendingMax, fileBytes, keptFor);
  }

  /** The same with files of another size. */
  public SnapshotLimits withFileBytes(int bytes) {
    return new SnapshotLimits(bytesPerSecond, sendingMax, bytes, keptFor);
  }
}
