package io.equator.server;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what comes about by itself: never for a time, always for a condition. */
public final class Await {
  /** Far longer than anything takes, also on a machine that is busy with other things. */
  public static final Duration WITHIN = Duration.ofMinutes(3);

  /** The machine is left to those who bring it about. */
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  private Await() {}

  /**
   * Returns as soon as a condition holds.
   *
   * @param what the condition in words, for who reads that it never held
   */
  public static void until(String what, BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > WITHIN.toNanos()) {
        throw new AssertionError("not within " + WITHIN.toMinutes() + " minutes: " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
