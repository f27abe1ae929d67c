package io.equator.server.drill;

import io.equator.server.Refusal;
import io.equator.server.drill.Traffic.Acknowledged;
import io.equator.server.drill.Traffic.Failed;
import io.equator.server.drill.Traffic.Lag;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One drill: traffic, a fault, its end, and the comparison of all regions.
 *
 * <pre>
 * traffic  ├────── quiet ──────┤ fault ├──── fault lasts ────┤ healed ├──── quiet ────┤ end ─▶ compare until equal
 * </pre>
 */
final class Drill {
  /** Regions that do not become equal within this time after the end have failed. */
  private static final Duration CONVERGED_WITHIN = Duration.ofMinutes(3);

  private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(10);

  private static final int BUCKET_MILLIS = 500;

  /**
   * What is to be done.
   *
   * @param table that it makes and uses
   * @param cleansUp whether the table is deleted in the end; regions of the drill's own are gone
   *     anyway
   * @param quiet before the fault, and after its end
   * @param fault how long it lasts
   * @param writers of each region
   * @param rate writes a second of each writer
   * @param skew of the region's clock, for {@link Scenario#CLOCK_SKEW}
   */
  record Plan(
      Scenario scenario,
      List<String> regions,
      String table,
      boolean cleansUp,
      Duration quiet,
      Duration fault,
      int writers,
      int rate,
      Duration skew) {}

  private final Plan plan;
  private final PrintWriter progress;

  /** A drill that says on {@code progress} what it does. */
  Drill(Plan plan, PrintWriter progress) {
    this.plan = plan;
    this.progress = progress;
  }

  private String region() {
    return plan.regions.getFirst();
  }

  /** Does it, and leaves nothing behind. */
  DrillResult run(Ground ground) {
    DrillTable table = new DrillTable(ground.endpoints(), plan.table);
    try {
      say("making table " + plan.table + " in " + String.join(", ", plan.regions));
      table.make();
      return measured(ground);
    } catch (IOException e) {
      throw new Refusal("the drill could not be done: " + e.getMessage() + ".", e);
    } finally {
      if (plan.cleansUp) {
        String left = table.delete();
        say(left.isEmpty() ? "the table is gone" : left.stripTrailing());
      }
    }
  }

  private DrillResult measured(Ground ground) throws IOException {
    List<RegionEndpoint> endpoints = ground.endpoints();
    Traffic traffic = new Traffic(endpoints, plan.rate);
    long begun = System.nanoTime();
    long faultAt;
    long healedAt;
    Risk risk;
    try (traffic) {
      traffic.start(plan.writers);
      pass(plan.quiet);
      say(plan.scenario + " in " + region() + ": " + plan.scenario.words());
      faultAt = System.nanoTime();
      try {
        ground.inject();
        pass(plan.scenario == Scenario.REGION_RETURN ? plan.fault.multipliedBy(3) : plan.fault);
        risk = risk(traffic, endpoints, faultAt);
        say("the fault ends; " + risk.count + " acknowledged writes are only in " + region());
      } finally {
        ground.heal();
      }
      awaitAnswers(endpoints);
      healedAt = System.nanoTime();
      pass(plan.quiet);
    }
    long ended = System.nanoTime();
    say("comparing " + traffic.keys().size() + " items in " + endpoints.size() + " regions");
    Set<String> different = awaitEqual(traffic.keys().keySet(), endpoints);
    long converged = System.nanoTime();
    long lost = lost(traffic, endpoints.getFirst());
    return result(traffic, begun, faultAt, healedAt, risk, lost, ended, converged, different);
  }

  /** A region that was stopped may take its time to start; it is not mended before it answers. */
  private static void awaitAnswers(List<RegionEndpoint> endpoints) {
    long deadline = System.nanoTime() + ANSWERS_WITHIN.toNanos();
    for (RegionEndpoint endpoint : endpoints) {
      while (!answers(endpoint) && System.nanoTime() - deadline < 0) {
        pass(Duration.ofMillis(200));
      }
    }
  }

  private static boolean answers(RegionEndpoint endpoint) {
    try {
      return !endpoint.get("none").isEmpty();
    } catch (IOException _) {
      return false;
    }
  }

  /** Lets time pass. */
  static void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  /** Writes that only the region has. */
  private record Risk(long count, long ageMillis) {}

  private Risk risk(Traffic traffic, List<RegionEndpoint> endpoints, long faultAt)
      throws IOException {
    if (plan.scenario.needsNodes() || plan.scenario == Scenario.CLOCK_SKEW) {
      return new Risk(0, 0);
    }
    Map<String, Boolean> keys = traffic.keys();
    long now = System.nanoTime();
    // An isolated region goes on taking writes, a lost one does not.
    long end = plan.scenario == Scenario.REGION_ISOLATION ? now : faultAt;
    long count = 0;
    long oldest = end;
    for (Acknowledged write : traffic.acknowledged()) {
      if (write.region().equals(region())
          && write.atNanos() < end
          && Boolean.FALSE.equals(keys.get(write.id()))
          && !anybodyElseHas(write.id(), endpoints)) {
        count++;
        oldest = Math.min(oldest, write.atNanos());
      }
    }
    return new Risk(count, TimeUnit.NANOSECONDS.toMillis(end - oldest));
  }

  private boolean anybodyElseHas(String id, List<RegionEndpoint> endpoints) throws IOException {
    for (RegionEndpoint endpoint : endpoints) {
      if (!endpoint.region().equals(region()) && endpoint.has(id)) {
        return true;
      }
    }
    return false;
  }

  private static Set<String> awaitEqual(Set<String> keys, List<RegionEndpoint> endpoints) {
    long deadline = System.nanoTime() + CONVERGED_WITHIN.toNanos();
    Set<String> open = new HashSet<>(keys);
    while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
      open.removeIf(key -> equal(key, endpoints));
    }
    return open;
  }

  private static boolean equal(String key, List<RegionEndpoint> endpoints) {
    try {
      String first = endpoints.getFirst().get(key);
      for (RegionEndpoint endpoint : endpoints) {
        if (!endpoint.get(key).equals(first)) {
          return false;
        }
      }
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static long lost(Traffic traffic, RegionEndpoint anywhere) throws IOException {
    long lost = 0;
    Set<String> checked = new HashSet<>();
    for (Acknowledged write : traffic.acknowledged()) {
      if (checked.add(write.id()) && !anywhere.has(write.id())) {
        lost++;
      }
    }
    return lost;
  }

  private DrillResult result(
      Traffic traffic,
      long begun,
      long faultAt,
      long healedAt,
      Risk risk,
      long lost,
      long ended,
      long converged,
      Set<String> different) {
    int buckets = (int) (TimeUnit.NANOSECONDS.toMillis(ended - begun) / BUCKET_MILLIS) + 1;
    SortedMap<String, double[]> acknowledged = new TreeMap<>();
    SortedMap<String, double[]> failed = new TreeMap<>();
    SortedMap<String, double[]> lag = new TreeMap<>();
    Map<String, Long> firstAfter = new HashMap<>();
    for (Acknowledged write : traffic.acknowledged()) {
      add(acknowledged, write.region(), buckets, begun, write.atNanos(), 1000.0 / BUCKET_MILLIS);
    }
    long rto = 0;
    for (Acknowledged write : traffic.acknowledged()) {
      if (write.home().equals(region()) && write.atNanos() > faultAt) {
        firstAfter.merge(writer(write), write.atNanos(), Math::min);
      }
    }
    for (long first : firstAfter.values()) {
      rto = Math.max(rto, TimeUnit.NANOSECONDS.toMillis(first - faultAt));
    }
    for (Failed failure : traffic.failed()) {
      add(failed, failure.region(), buckets, begun, failure.atNanos(), 1000.0 / BUCKET_MILLIS);
    }
    double most = 0;
    for (Lag one : traffic.lags()) {
      most = Math.max(most, one.millis());
      double[] series =
          lag.computeIfAbsent(one.writer() + " \u2192 " + one.reader(), _ -> new double[buckets]);
      int at = bucket(begun, one.atNanos(), buckets);
      series[at] = Math.max(series[at], one.millis());
    }
    return new DrillResult(
        plan.scenario,
        plan.regions,
        region(),
        TimeUnit.NANOSECONDS.toMillis(faultAt - begun),
        TimeUnit.NANOSECONDS.toMillis(healedAt - begun),
        rto,
        traffic.acknowledged().size(),
        traffic.failed().size(),
        risk.count,
        risk.ageMillis,
        lost,
        TimeUnit.NANOSECONDS.toMillis(converged - ended),
        different.size(),
        most,
        BUCKET_MILLIS,
        acknowledged,
        failed,
        lag);
  }

  /** Writers name their items; those that many write to count for nobody. */
  private static String writer(Acknowledged write) {
    int dash = write.id().lastIndexOf('-');
    return dash < 0 ? write.id() : write.id().substring(0, dash);
  }

  private static void add(
      SortedMap<String, double[]> series,
      String name,
      int buckets,
      long begun,
      long at,
      double amount) {
    series.computeIfAbsent(name, _ -> new double[buckets])[bucket(begun, at, buckets)] += amount;
  }

  private static int bucket(long begun, long at, int buckets) {
    long index = TimeUnit.NANOSECONDS.toMillis(at - begun) / BUCKET_MILLIS;
    return (int) Math.min(buckets - 1L, Math.max(0, index));
  }

  private void say(String what) {
    progress.println(what);
    progress.flush();
  }
}
