package io.equator.chaos.history;

import java.util.List;
import java.util.Map;

/**
 * A transaction over lists that only grow, or a call of a single item.
 *
 * @param id its place in the history
 * @param invoked when it was asked, in any unit that only grows
 * @param returned when the answer came; not looked at when the fate is unknown
 * @param appends the element that it adds to the end of each list; no element is added twice
 * @param reads the whole list that it saw under each key, before its own appends
 * @param transaction false for a call of a single item, which may come between the parts of a
 *     transaction that is still being finished
 */
public record ListTransaction(
    int id,
    long invoked,
    long returned,
    Map<String, Long> appends,
    Map<String, List<Long>> reads,
    Fate fate,
    boolean transaction) {

  /** A transaction. */
  public ListTransaction(
      int id,
      long invoked,
      long returned,
      Map<String, Long> appends,
      Map<String, List<Long>> reads,
      Fate fate) {
    this(id, invoked, returned, appends, reads, fate, true);
  }

  public ListTransaction {
    appends = Map.copyOf(appends);
    reads = Map.copyOf(reads);
  }
}
