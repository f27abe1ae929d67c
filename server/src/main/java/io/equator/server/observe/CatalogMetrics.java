package io.equator.server.observe;

import io.equator.replication.catalog.CatalogSnapshot;
import java.util.function.Supplier;

/** The process's copy of the catalog. */
record CatalogMetrics(Supplier<CatalogSnapshot> catalog) implements MetricSource {
  @Override
  public void read(Readings to) {
    CatalogSnapshot snapshot = catalog.get();
    to.set(Metric.CATALOG_REVISION, snapshot.revision());
    to.set(Metric.TABLES, snapshot.tables().size());
  }
}
