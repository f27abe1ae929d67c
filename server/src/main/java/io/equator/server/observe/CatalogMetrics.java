package io.equator.server.observe;

import io.equator.coordinator.cluster.PartitionsRest;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The process's copy of the catalog. */
record CatalogMetrics(Supplier<CatalogSnapshot> catalog) implements MetricSource {
  @Override
  public void read(Readings to) {
    CatalogSnapshot snapshot = catalog.get();
    to.set(Metric.CATALOG_REVISION, snapshot.revision());
    to.set(Metric.TABLES, snapshot.tables().size());
    Map<String, Integer> partitions = new TreeMap<>();
    for (String state : PartitionsRest.STATES) {
      partitions.put(state, 0);
    }
    snapshot
        .partitionDescriptors()
        .forEach(each -> partitions.merge(PartitionsRest.state(each), 1, Integer::sum));
    partitions.forEach((state, count) -> to.set(Metric.PARTITIONS, count, state));
  }
}
