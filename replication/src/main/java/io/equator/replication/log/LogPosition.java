package io.equator.replication.log;

/**
 * A place in a group's log.
 *
 * @param term the term of the entry there
 * @param index its index; the first entry has 0 or 1, {@link #NONE} comes before it
 */
public record LogPosition(long term, long index) implements Comparable<LogPosition> {

  /** Before the first entry. */
  public static final LogPosition NONE = new LogPosition(0, -1);

  @Override
  public int compareTo(LogPosition other) {
    return Long.compare(index, other.index);
  }

  @Override
  public String toString() {
    return "(" + term + ", " + index + ")";
  }
}
