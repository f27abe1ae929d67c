package io.equator.chaos.work;

import io.equator.chaos.history.Fate;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** How many operations of each kind had which fate. Safe for many threads. */
public final class Tally {
  private final Map<String, Map<Fate, Long>> counts = new TreeMap<>();

  synchronized void count(String operation, Fate fate) {
    counts.computeIfAbsent(operation, _ -> new EnumMap<>(Fate.class)).merge(fate, 1L, Long::sum);
  }

  /** How many were answered, whatever they were. */
  public synchronized long done() {
    return counts.values().stream().mapToLong(one -> one.getOrDefault(Fate.DONE, 0L)).sum();
  }

  /** One line for each kind of operation. */
  public synchronized String summary() {
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (operation, fates) ->
            text.append(
                "  %-34s %7d done %6d refused %5d unknown%n"
                    .formatted(
                        operation,
                        fates.getOrDefault(Fate.DONE, 0L),
                        fates.getOrDefault(Fate.REFUSED, 0L),
                        fates.getOrDefault(Fate.UNKNOWN, 0L))));
    return text.toString();
  }
}
