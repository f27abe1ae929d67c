package io.equator.node.core;

import java.util.Comparator;

/**
 * A place in the change log of one table in one partition: of a record, or just behind one.
 *
 * @param index log index of the entry, at least 0
 * @param position place among the captured effects of that entry, from 0
 */
public record ChangePosition(long index, int position) implements Comparable<ChangePosition> {
  /** Before every record. */
  public static final ChangePosition START = new ChangePosition(0, 0);

  private static final Comparator<ChangePosition> ORDER =
      Comparator.comparingLong(ChangePosition::index).thenComparingInt(ChangePosition::position);

  /** Checks the bounds. */
  public ChangePosition {
    if (index < 0 || position < 0) {
      throw new IllegalArgumentException(
          "a place in the change log is not negative: " + index + "/" + position);
    }
  }

  /** The first place of an entry. */
  public static ChangePosition ofEntry(long index) {
    return new ChangePosition(index, 0);
  }

  /** Just behind this record. */
  public ChangePosition next() {
    return new ChangePosition(index, position + 1);
  }

  @Override
  public int compareTo(ChangePosition other) {
    return ORDER.compare(this, other);
  }
}
