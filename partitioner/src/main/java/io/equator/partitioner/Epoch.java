package io.equator.partitioner;

/**
 * Version of a partition's placement: grows with each change of it; requests of an older one are
 * fenced off.
 */
public record Epoch(long value) implements Comparable<Epoch> {
  /** The epoch of a partition that was just made. */
  public static final Epoch FIRST = new Epoch(1);

  /** A positive number. */
  public Epoch {
    if (value <= 0) {
      throw new IllegalArgumentException("an epoch must be > 0, was " + value);
    }
  }

  /** The epoch after this one. */
  public Epoch next() {
    return new Epoch(value + 1);
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }
}
