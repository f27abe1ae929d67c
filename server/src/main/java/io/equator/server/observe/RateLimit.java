package io.equator.server.observe;

import java.util.function.LongSupplier;

/**
 * Lets a number of things through in each second, and counts what it does not. Threads: any; the
 * monitor guards all of it.
 */
final class RateLimit {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final int perSecond;
  private final LongSupplier nanoTime;
  private long secondBegan;
  private int taken;
  private long heldBack;

  /**
   * @param nanoTime a clock that only goes on
   */
  RateLimit(int perSecond, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.nanoTime = nanoTime;
    this.secondBegan = nanoTime.getAsLong();
  }

  /** How many were held back since the last one that went through; negative: so is this one. */
  synchronized long take() {
    long now = nanoTime.getAsLong();
    if (now - secondBegan >= SECOND_NANOS) {
      secondBegan = now;
      taken = 0;
    }
    if (taken >= perSecond) {
      heldBack++;
      return -1;
    }
    taken++;
    long before = heldBack;
    heldBack = 0;
    return before;
  }
}
