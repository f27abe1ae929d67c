package io.equator.replication.clock;

/**
 * A hybrid logical clock's timestamp: 48 bits of milliseconds since the epoch, then a 16-bit
 * counter (HLC, Kulkarni et al. 2014). Compared as an unsigned long; 48 bits last until the year
 * 10889.
 *
 * @param bits {@code millis << 16 | counter}, the form that is stored and sent
 */
public record HybridTimestamp(long bits) implements Comparable<HybridTimestamp> {

  /** Before every timestamp that a clock gives out. */
  public static final HybridTimestamp ZERO = new HybridTimestamp(0);

  static final int COUNTER_BITS = 16;

  /** The timestamp with these parts. */
  public static HybridTimestamp of(long millis, int counter) {
    if (millis < 0 || millis >>> (Long.SIZE - COUNTER_BITS) != 0) {
      throw new IllegalArgumentException("milliseconds out of 48 bits: " + millis);
    }
    if (counter < 0 || counter >>> COUNTER_BITS != 0) {
      throw new IllegalArgumentException("counter out of 16 bits: " + counter);
    }
    return new HybridTimestamp(millis << COUNTER_BITS | counter);
  }

  /** Milliseconds since the epoch. */
  public long millis() {
    return millisOf(bits);
  }

  /** Tells apart timestamps of one millisecond. */
  public int counter() {
    return (int) bits & 0xFFFF;
  }

  /** The milliseconds of a timestamp in its stored form. */
  public static long millisOf(long bits) {
    return bits >>> COUNTER_BITS;
  }

  @Override
  public int compareTo(HybridTimestamp other) {
    return Long.compareUnsigned(bits, other.bits);
  }

  @Override
  public String toString() {
    return millis() + "." + counter();
  }
}
