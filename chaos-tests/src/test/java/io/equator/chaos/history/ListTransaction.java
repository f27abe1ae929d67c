package io.equator.chaos.history;

import java.util.List;
import java.util.Map;

/**
 * A transaction over lists that only grow.
 *
 * @param id its place in the history
 * @param invoked when it was asked, in any unit that only grows
 * @param returned when the answer came; not looked at when the fate is unknown
 * @param appends the element that it adds to the end of each list; no element is added twice
 * @param reads the whole list that it saw under each key, before its own appends
 */
public record ListTransaction(
    int id,
    long invoked,
    long returned,
    Map<String, Long> appends,
    Map<String, List<Long>> reads,
    Fate fate) {

  public ListTransaction {
    appends = Map.copyOf(appends);
    reads = Map.copyOf(reads);
  }
}
