package io.equator.chaos.nemesis;

import io.equator.chaos.cluster.Cluster;
import io.equator.chaos.cluster.ClusterView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Breaks a cluster again and again, and each time waits until it is well. */
public final class Nemesis {
  private final Cluster cluster;
  private final Random random;
  private final List<Fault> kinds;
  private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
  private final List<String> violations = new ArrayList<>();

  /**
   * A nemesis that has done nothing.
   *
   * @param seed decides which faults come in which order, whom they strike and how long they last
   */
  public Nemesis(Cluster cluster, long seed, List<Fault> kinds) {
    this.cluster = cluster;
    this.random = new Random(seed);
    this.kinds = kinds.stream().filter(kind -> kind.isPossible(cluster)).toList();
    if (this.kinds.size() < kinds.size()) {
      System.out.println("chaos: not possible here: " + without(kinds, this.kinds));
    }
  }

  private static List<Fault> without(List<Fault> all, List<Fault> some) {
    return all.stream().filter(kind -> !some.contains(kind)).toList();
  }

  /** Goes on for so long: every kind once in some order, then again in another. */
  public void rage(Duration duration) throws Exception {
    awaitWell("before the first fault");
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() - end < 0 && violations.isEmpty()) {
      for (Fault fault : shuffled()) {
        if (System.nanoTime() - end < 0 && violations.isEmpty()) {
          strike(fault);
        }
      }
    }
  }

  /** Every kind once. */
  public void eachOnce() throws Exception {
    awaitWell("before the first fault");
    for (Fault fault : shuffled()) {
      if (violations.isEmpty()) {
        strike(fault);
      }
    }
  }

  private List<Fault> shuffled() {
    List<Fault> order = new ArrayList<>(kinds);
    Collections.shuffle(order, random);
    return order;
  }

  private void strike(Fault fault) throws Exception {
    long begun = System.nanoTime();
    fault.strike(cluster, random);
    struck.merge(fault, 1, Integer::sum);
    double mended = (System.nanoTime() - begun) / 1e9;
    awaitWell("after " + fault);
    System.out.printf(
        "chaos: %-16s mended after %5.1f s, well again after %5.1f s%n",
        fault, mended, (System.nanoTime() - begun) / 1e9);
  }

  /** With replicas missing, one fault could be one too many. */
  private void awaitWell(String when) throws Exception {
    Optional<String> amiss = new ClusterView(cluster).awaitWell(cluster.nodes().getFirst());
    amiss.ifPresent(what -> violations.add(when + " it is not well: " + what));
  }

  /** Faults from which the cluster did not recover. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /** How often each kind struck. */
  public String summary() {
    return struck.toString();
  }
}
