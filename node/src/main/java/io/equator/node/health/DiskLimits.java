package io.equator.node.health;

/**
 * How much of a disk is to stay free.
 *
 * <p>Of the two bounds the smaller counts: five per cent of a disk of terabytes would be a waste, a
 * gibibyte of a small one more than half of it. What stays free is what flushes, cuts of the logs
 * and elections need to go on, so it should be more than the unflushed part of the logs (64 MiB)
 * and a compaction of a few files.
 *
 * <pre>
 *   free:   0 ──── a quarter ──── half ──── the limit ──── five quarters ────▶
 *              EXHAUSTED                 FULL                      ROOM
 *                        └─ ends at half          └─ ends at five quarters
 * </pre>
 *
 * @param freeBytesMin bytes; 0: never full
 * @param freePercentMin of the whole file system
 */
public record DiskLimits(long freeBytesMin, double freePercentMin) {
  /** Checks the bounds. */
  public DiskLimits {
    if (freeBytesMin < 0) {
      throw new IllegalArgumentException(
          "disk.free-bytes-min must not be negative, was " + freeBytesMin);
    }
    if (freePercentMin < 0 || freePercentMin > 90) {
      throw new IllegalArgumentException(
          "disk.free-percent-min must be from 0 to 90, was " + freePercentMin);
    }
  }

  /** A gibibyte, or five per cent of a disk of less than 20 GiB. */
  public static DiskLimits defaults() {
    return new DiskLimits(1L << 30, 5);
  }

  /** The limit for a disk, in bytes. */
  public long least(DiskSpace space) {
    return (long) Math.min((double) freeBytesMin, space.totalBytes() * (freePercentMin / 100));
  }
}
