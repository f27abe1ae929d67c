package io.equator.server.load;

import java.time.Duration;

/**
 * When a run begins, when its measured part begins, and when it ends; by {@link System#nanoTime}.
 */
record Timeline(long start, long measureFrom, long measureUntil) {

  static Timeline startingAt(long start, Duration warmup, Duration duration) {
    long from = start + warmup.toNanos();
    return new Timeline(start, from, from + duration.toNanos());
  }

  /** Ends when the traffic has nothing left to do. */
  static Timeline open(long start) {
    return new Timeline(start, start, start + Long.MAX_VALUE / 2);
  }

  boolean over(long now) {
    return now - measureUntil >= 0;
  }

  boolean measured(long moment) {
    return moment - measureFrom >= 0 && moment - measureUntil < 0;
  }
}
