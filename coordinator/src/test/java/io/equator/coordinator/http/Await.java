package io.equator.coordinator.http;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what comes about by itself: never for a time, always for a condition. */
final class Await {
  /** Far longer than anything takes on a busy machine, less than the tests' own limit of 60 s. */
  private static final Duration WITHIN = Duration.ofSeconds(45);

  private static final long PAUSE_NANOS = Duration.ofMillis(1).toNanos();

  private Await() {}

  /**
   * Returns as soon as a condition holds.
   *
   * @param what the condition in words, for who reads that it never held
   */
  static void until(String what, BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > WITHIN.toNanos()) {
        throw new AssertionError("not within " + WITHIN.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
