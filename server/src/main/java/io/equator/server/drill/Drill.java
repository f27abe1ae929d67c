package io.equator.server.drill;

import io.equator.server.Refusal;
import io.equator.server.dev.DevOptions;
import io.equator.server.dev.EmbeddedCluster;
import io.equator.server.dev.EmbeddedRegions;
import io.equator.server.drill.Traffic.Acknowledged;
import io.equator.server.drill.Traffic.Failed;
import io.equator.server.drill.Traffic.Lag;
import io.equator.server.observe.ObserveOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One drill: a cluster of its own, traffic, a fault, its end, and the comparison of all regions.
 *
 * <pre>
 * traffic  ├────── quiet ──────┤ fault ├──── fault lasts ────┤ healed ├──── quiet ────┤ end ─▶ compare until equal
 * </pre>
 */
final class Drill {
  /** Regions that do not become equal within this time after the end have failed. */
  private static final Duration CONVERGED_WITHIN = Duration.ofMinutes(3);

  private static final Duration REPLICA_WITHIN = Duration.ofMinutes(3);
  private static final int BUCKET_MILLIS = 500;

  /**
   * What is to be done.
   *
   * @param quiet before the fault, and after its end
   * @param fault how long it lasts
   * @param writers of each region
   * @param rate writes a second of each writer
   * @param skew of the region's clock, for {@link Scenario#CLOCK_SKEW}
   */
  record Plan(
      Scenario scenario,
      List<String> regions,
      Duration delay,
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

  /** Does it. */
  DrillResult run() {
    say("starting " + String.join(", ", plan.regions));
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.empty(),
            plan.scenario.needsNodes() ? OptionalInt.of(3) : OptionalInt.of(1),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty());
    try (EmbeddedRegions cluster =
        EmbeddedRegions.startKept(options, ObserveOptions.NONE, plan.regions, plan.delay)) {
      List<RegionEndpoint> endpoints = new ArrayList<>();
      for (EmbeddedCluster one : cluster.running()) {
        endpoints.add(new RegionEndpoint(one.region(), one.address()));
      }
      makeTable(endpoints);
      return measured(cluster, endpoints);
    } catch (IOException e) {
      throw new Refusal("the drill could not be done: " + e.getMessage() + ".", e);
    }
  }

  private void makeTable(List<RegionEndpoint> endpoints) throws IOException {
    RegionEndpoint first = endpoints.getFirst();
    String made =
        first.ask(
            "CreateTable",
            """
            {"TableName": "drill", "BillingMode": "PAY_PER_REQUEST",
             "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
             "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
             "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}\
            """);
    say("table " + RegionEndpoint.TABLE + " made (" + made.length() + " bytes of description)");
    awaitSettled(first, 0);
    for (int i = 1; i < endpoints.size(); i++) {
      String region = endpoints.get(i).region();
      String asked =
          first.ask(
              "UpdateTable",
              "{\"TableName\": \"drill\", \"ReplicaUpdates\": [{\"Create\": {\"RegionName\": \""
                  + region
                  + "\"}}]}");
      say("replica in " + region + (asked.isEmpty() ? "" : " asked for"));
      awaitSettled(first, i + 1);
    }
  }

  private static void awaitSettled(RegionEndpoint region, int replicas) throws IOException {
    long deadline = System.nanoTime() + REPLICA_WITHIN.toNanos();
    while (true) {
      String description = region.ask("DescribeTable", "{\"TableName\": \"drill\"}");
      int active = description.split("\"ReplicaStatus\":\"ACTIVE\"", -1).length - 1;
      if (description.contains("\"TableStatus\":\"ACTIVE\"") && active >= replicas) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the replicas did not become active: " + description);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private DrillResult measured(EmbeddedRegions cluster, List<RegionEndpoint> endpoints)
      throws IOException {
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
      inject(cluster);
      pass(plan.scenario == Scenario.REGION_RETURN ? plan.fault.multipliedBy(3) : plan.fault);
      risk = risk(traffic, endpoints, faultAt);
      say("the fault ends; " + risk.count + " acknowledged writes are only in " + region());
      heal(cluster);
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

  private void inject(EmbeddedRegions cluster) throws IOException {
    switch (plan.scenario) {
      case REGION_LOSS, REGION_RETURN -> cluster.crash(region());
      case REGION_ISOLATION -> cluster.isolate(region(), true);
      case NODE_LOSS -> cluster.crashNode(region(), 1);
      case ROLLING_RESTART -> {
        for (int node = 1; node <= 3; node++) {
          cluster.crashNode(region(), node);
          cluster.restartNode(region(), node);
          pass(plan.fault.dividedBy(3));
        }
      }
      case CLOCK_SKEW -> cluster.setAhead(region(), plan.skew);
    }
  }

  private void heal(EmbeddedRegions cluster) throws IOException {
    switch (plan.scenario) {
      case REGION_LOSS, REGION_RETURN -> cluster.restart(region());
      case REGION_ISOLATION -> cluster.isolate(region(), false);
      case NODE_LOSS -> cluster.restartNode(region(), 1);
      case ROLLING_RESTART -> {}
      case CLOCK_SKEW -> cluster.setAhead(region(), Duration.ZERO);
    }
  }

  private static void pass(Duration time) {
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
