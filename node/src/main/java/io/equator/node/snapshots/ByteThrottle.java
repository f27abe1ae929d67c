package io.equator.node.snapshots;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lets bytes through at a rate, with a short burst after a pause. Any thread. */
public final class ByteThrottle {
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final long bytesPerSecond;
  private final LongSupplier nanos;
  private long freeAt;

  /**
   * @param bytesPerSecond 0: no bound
   * @param nanos a clock like {@link System#nanoTime}
   */
  public ByteThrottle(long bytesPerSecond, LongSupplier nanos) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanos = nanos;
    this.freeAt = nanos.getAsLong();
  }

  /** Takes room for some bytes and says how long to wait before they may go, in nanoseconds. */
  synchronized long reserve(long bytes) {
    if (bytesPerSecond == 0) {
      return 0;
    }
    long now = nanos.getAsLong();
    if (freeAt - now < -BURST_NANOS) {
      freeAt = now - BURST_NANOS;
    }
    freeAt += TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
    return Math.max(0, freeAt - now);
  }

  /** Waits until so many bytes may go. */
  public void pass(int bytes) throws InterruptedException {
    long wait = reserve(bytes);
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    }
  }
}
