package io.equator.partitioner;

/** Numbers one partition of a region, from 1; a split makes two new numbers, none is reused. */
public record PartitionId(long value) implements Comparable<PartitionId> {
  /** A positive number. */
  public PartitionId {
    if (value <= 0) {
      throw new IllegalArgumentException("a partition id must be > 0, was " + value);
    }
  }

  @Override
  public int compareTo(PartitionId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return "p" + value;
  }
}
