package io.equator.server.observe;

import io.equator.node.regions.ComparisonTotals;
import io.equator.node.regions.RegionLag;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Figures of what a node sends to other regions, by table and region, over its partitions. */
final class RegionMetrics {
  private RegionMetrics() {}

  private record Way(String table, String region) implements Comparable<Way> {
    @Override
    public int compareTo(Way other) {
      int byTable = table.compareTo(other.table);
      return byTable != 0 ? byTable : region.compareTo(other.region);
    }
  }

  /** Lags are the most of any partition, the rest are sums. */
  private static final class Sums {
    private long entries;
    private long lagMillis;
    private long resolvedLagMillis;
    private boolean unresolved;
    private long sent;
    private long taken;
    private long lost;
    private long parked;
    private long latencyMillis;
    private long latencies;

    void add(RegionLag lag) {
      entries += lag.entries();
      lagMillis = Math.max(lagMillis, lag.lagMillis());
      resolvedLagMillis = Math.max(resolvedLagMillis, lag.resolvedLagMillis());
      unresolved |= lag.resolvedLagMillis() < 0;
      sent += lag.sent();
      taken += lag.taken();
      lost += lag.lost();
      parked += lag.parked();
      latencyMillis += lag.latencyMillis();
      latencies += lag.latencies();
    }
  }

  /**
   * Adds them.
   *
   * @param labelsMax ways with labels of their own; the rest share one for each region
   */
  static void add(
      Readings to, CatalogSnapshot snapshot, List<RegionLag> lags, String node, int labelsMax) {
    Map<Way, Sums> ways = new TreeMap<>();
    for (RegionLag lag : lags) {
      Optional<TableView> table = snapshot.table(lag.table());
      if (table.isPresent()) {
        Way way = new Way(table.get().name(), lag.region());
        Way shown =
            ways.containsKey(way) || ways.size() < labelsMax
                ? way
                : new Way(TableLabels.OTHER, lag.region());
        ways.computeIfAbsent(shown, _ -> new Sums()).add(lag);
      }
    }
    ways.forEach((way, sums) -> set(to, sums, node, way.table(), way.region()));
  }

  /** Adds what comparisons have found, in the same way. */
  static void addComparisons(
      Readings to,
      CatalogSnapshot snapshot,
      List<ComparisonTotals> totals,
      String node,
      int labelsMax) {
    Map<Way, long[]> ways = new TreeMap<>();
    for (ComparisonTotals one : totals) {
      Optional<TableView> table = snapshot.table(one.table());
      if (table.isPresent()) {
        Way way = new Way(table.get().name(), one.region());
        Way shown =
            ways.containsKey(way) || ways.size() < labelsMax
                ? way
                : new Way(TableLabels.OTHER, one.region());
        long[] sums = ways.computeIfAbsent(shown, _ -> new long[4]);
        sums[0] += one.compared();
        sums[1] += one.different();
        sums[2] += one.merged();
        sums[3] += one.corrupt();
      }
    }
    ways.forEach(
        (way, sums) -> {
          to.set(Metric.REGIONS_COMPARED, sums[0], node, way.table(), way.region());
          to.set(Metric.REGIONS_DIFFERENT, sums[1], node, way.table(), way.region());
          to.set(Metric.REGIONS_MERGED, sums[2], node, way.table(), way.region());
          to.set(Metric.REGIONS_CORRUPT, sums[3], node, way.table(), way.region());
        });
  }

  private static void set(Readings to, Sums sums, String... labels) {
    to.set(Metric.REPLICATION_LAG, sums.lagMillis / 1e3, labels);
    to.set(
        Metric.REPLICATION_RESOLVED_LAG,
        sums.unresolved ? Double.NaN : sums.resolvedLagMillis / 1e3,
        labels);
    to.set(Metric.REPLICATION_BACKLOG, sums.entries, labels);
    to.set(Metric.REPLICATION_SENT, sums.sent, labels);
    to.set(Metric.REPLICATION_TAKEN, sums.taken, labels);
    to.set(Metric.REPLICATION_LOST, sums.lost, labels);
    to.set(Metric.REPLICATION_CLOCK_AHEAD, sums.parked, labels);
    to.set(Metric.REPLICATION_LATENCY, sums.latencyMillis / 1e3, labels);
    to.set(Metric.REPLICATION_LATENCY_ITEMS, sums.latencies, labels);
  }
}
