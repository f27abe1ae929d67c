package io.equator.node.core;

/**
 * How a partition gathers and bounds its writes.
 *
 * @param entryEffectsMax effects in one entry
 * @param entryBytesMax bytes after which an entry takes no further effect; a single effect may be
 *     greater
 * @param entriesInFlightMax entries proposed and not yet applied
 * @param pendingWritesMax writes admitted and not yet answered
 * @param pendingBytesMax bytes of the requests admitted and not yet answered
 */
public record WriteLimits(
    int entryEffectsMax,
    int entryBytesMax,
    int entriesInFlightMax,
    int pendingWritesMax,
    long pendingBytesMax) {
  /** Checks the bounds. */
  public WriteLimits {
    if (entryEffectsMax < 1
        || entryBytesMax < 1
        || entriesInFlightMax < 1
        || pendingWritesMax < 1
        || pendingBytesMax < 1) {
      throw new IllegalArgumentException("write limits must be positive");
    }
  }

  /** 256 effects or 256 KiB an entry, two entries in flight, 8,192 writes or 64 MiB pending. */
  public static WriteLimits defaults() {
    return new WriteLimits(256, 256 << 10, 2, 8192, 64L << 20);
  }
}
