package io.equator.chaos.nemesis;

import io.equator.chaos.cluster.RegionClusters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Breaks regions again and again, and each time waits until each is well by itself and all see what
 * the others write.
 */
public final class RegionNemesis {

  /** Writes something new in each region, and waits until all others have it. */
  public interface Exchange {
    Duration await() throws Exception;
  }

  private final RegionClusters regions;
  private final Exchange exchange;
  private final Random random;
  private final List<RegionFault> kinds;
  private final Map<RegionFault, Integer> struck = new EnumMap<>(RegionFault.class);
  private final List<Long> exchangedMillis = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final List<RegionFault> order = new ArrayList<>();

  /**
   * A nemesis that has done nothing.
   *
   * @param seed decides which faults come in which order, whom they strike and how long they last
   * @param named kinds, with commas between them; empty: all
   */
  public RegionNemesis(RegionClusters regions, Exchange exchange, long seed, String named) {
    this.regions = regions;
    this.exchange = exchange;
    this.random = new Random(seed);
    this.kinds =
        Arrays.stream(RegionFault.values())
            .filter(kind -> named.isEmpty() || List.of(named.split(",")).contains(kind.name()))
            .filter(kind -> kind.isPossible(regions))
            .toList();
  }

  /** Goes on for so long: every kind once in some order, then again in another. */
  public void rage(Duration duration) throws Exception {
    awaitWell("before the first fault");
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() - end < 0 && violations.isEmpty()) {
      if (order.isEmpty()) {
        order.addAll(kinds);
        Collections.shuffle(order, random);
      }
      strike(order.removeFirst());
    }
  }

  private void awaitWell(String when) throws Exception {
    for (String region : regions.regions()) {
      RegionFault.amiss(regions, region)
          .ifPresent(what -> violations.add("%s %s is not well: %s".formatted(when, region, what)));
    }
  }

  private void strike(RegionFault fault) throws Exception {
    long begun = System.nanoTime();
    fault.strike(regions, random);
    struck.merge(fault, 1, Integer::sum);
    double mended = (System.nanoTime() - begun) / 1e9;
    awaitWell("after " + fault);
    double well = (System.nanoTime() - begun) / 1e9;
    Duration exchanged = exchange.await();
    exchangedMillis.add(exchanged.toMillis());
    System.out.printf(
        Locale.ROOT,
        "chaos: %-18s mended after %5.1f s, all regions well after %5.1f s,"
            + " a write is everywhere after %5.1f s more%n",
        fault,
        mended,
        well,
        exchanged.toMillis() / 1e3);
  }

  /** Faults from which the regions did not recover. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /** How often each kind struck, and how long a write took to be everywhere after a fault. */
  public String summary() {
    List<Long> sorted = exchangedMillis.stream().sorted().toList();
    return sorted.isEmpty()
        ? "none"
        : "%s; a write was everywhere after p50 %d ms, max %d ms"
            .formatted(struck, sorted.get(sorted.size() / 2), sorted.getLast());
  }
}
