package io.equator.replication.clock;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A process's hybrid logical clock: follows the wall clock, never goes back, and runs past what it
 * has observed.
 *
 * <p>When the wall clock stands still or goes back, the counter goes on, and overflows into the
 * milliseconds: 65,536 timestamps a millisecond are more than a process can ask for over any length
 * of time, so the clock does not run away from the wall.
 */
public final class HybridClock {

  /** How far another node's clock may be ahead inside a cluster. */
  public static final Duration DEFAULT_OFFSET_MAX = Duration.ofMillis(500);

  /** How far another region's clock may be ahead. */
  public static final Duration REGION_OFFSET_MAX = Duration.ofSeconds(2);

  private final LongSupplier wallMillis;
  private final long offsetMillisMax;
  private final AtomicLong last = new AtomicLong();

  /** A clock over the system's wall clock. */
  public HybridClock() {
    this(System::currentTimeMillis, DEFAULT_OFFSET_MAX);
  }

  /**
   * A clock over a given wall clock.
   *
   * @param wallMillis milliseconds since the epoch
   * @param offsetMax how far an observed timestamp may be ahead of the wall clock
   */
  public HybridClock(LongSupplier wallMillis, Duration offsetMax) {
    this.wallMillis = wallMillis;
    this.offsetMillisMax = offsetMax.toMillis();
  }

  /** The next timestamp, as {@link HybridTimestamp#bits}; greater than all before it. */
  public long nextBits() {
    return after(0);
  }

  /** The next timestamp. */
  public HybridTimestamp next() {
    return new HybridTimestamp(nextBits());
  }

  /**
   * The next timestamp, greater also than {@code floorBits}: for a new version of a stored item,
   * whose clock may have been ahead of ours. Unlike {@link #observe} this does not refuse: the
   * state already holds that timestamp.
   */
  public long after(long floorBits) {
    long wall = wallMillis.getAsLong() << HybridTimestamp.COUNTER_BITS;
    while (true) {
      long seen = last.get();
      long past = Long.compareUnsigned(seen, floorBits) >= 0 ? seen : floorBits;
      long next = Long.compareUnsigned(wall, past) > 0 ? wall : past + 1;
      if (last.compareAndSet(seen, next)) {
        return next;
      }
    }
  }

  /**
   * How far this clock runs ahead of the wall clock, in milliseconds; 0 when it does not. It does
   * after it has observed a clock that is ahead, or when the wall clock was set back.
   */
  public long aheadMillis() {
    return Math.max(0, HybridTimestamp.millisOf(last.get()) - wallMillis.getAsLong());
  }

  /**
   * Takes note of another node's timestamp: later ones of ours are greater.
   *
   * @return false when it is too far ahead to be believed; then nothing changes
   */
  public boolean observe(HybridTimestamp remote) {
    return observe(remote, offsetMillisMax);
  }

  /**
   * The same, with another bound.
   *
   * @return false when it is too far ahead to be believed; then nothing changes
   */
  public boolean observe(HybridTimestamp remote, Duration offsetMax) {
    return observe(remote, offsetMax.toMillis());
  }

  private boolean observe(HybridTimestamp remote, long offsetMillis) {
    if (remote.millis() > wallMillis.getAsLong() + offsetMillis) {
      return false;
    }
    raise(remote.bits());
    return true;
  }

  /**
   * Starts no lower than a timestamp found in our own state (a partition's floor after a restart or
   * a change of leader), however far ahead it is.
   */
  public void raise(long floorBits) {
    long seen = last.get();
    while (Long.compareUnsigned(floorBits, seen) > 0 && !last.compareAndSet(seen, floorBits)) {
      seen = last.get();
    }
  }
}
