package io.equator.replication.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * What happened in a run: a running hash of every line, and the last lines for people.
 *
 * <p>Two runs of one seed must give the same hash; otherwise something outside the seed (a hash
 * order, a clock, a thread) had a say.
 */
public final class Trace {

  private static final int LINES_KEPT = 400;

  private final Deque<String> last = new ArrayDeque<>();
  private long hash = 1;
  private long count;

  /** Adds what happened at a time. */
  public void add(long nanos, String what) {
    hash = (hash * 31 + nanos) * 31 + what.hashCode();
    count++;
    if (last.size() == LINES_KEPT) {
      last.removeFirst();
    }
    last.addLast(nanos / 1000 + " us  " + what);
  }

  /** Over all lines. */
  public long hash() {
    return hash;
  }

  /** How many lines there were. */
  public long count() {
    return count;
  }

  /** The last lines, for a message. */
  public Supplier<String> tail() {
    return () -> String.join("\n", last);
  }
}
