package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.changes.ShardRotator;
import io.equator.node.changes.StreamEndpoint;
import io.equator.node.changes.StreamFloors;
import io.equator.node.core.TreeStore;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** What a node does for streams, from its start to its crash. */
final class StreamLayer {
  private final StreamDriver driver;
  private final TreeStore store;
  private final Supplier<CatalogSnapshot> catalog;
  private final StreamEndpoint endpoint;
  private final StreamFloors floors = new StreamFloors();
  private final ShardRotator rotator;
  private final List<ChangeNeed> needs;
  private final ChangeTrimmer trimmer;

  StreamLayer(
      StreamDriver driver,
      HostedPartitions partitions,
      TreeStore store,
      Supplier<CatalogSnapshot> catalog,
      ShardRotator rotator,
      List<ChangeNeed> needs) {
    this.rotator = rotator;
    this.driver = driver;
    this.store = store;
    this.catalog = catalog;
    this.endpoint = new StreamEndpoint(partitions);
    this.needs = needs;
    this.trimmer = new ChangeTrimmer(needs);
  }

  StreamEndpoint endpoint() {
    return endpoint;
  }

  void look(Collection<HostedPartition> partitions) {
    floors.look(catalog.get(), partitions);
    if (!driver.isQuiet()) {
      // So that readers come to an end.
      rotator.look(catalog.get(), partitions);
    }
    partitions.stream().filter(HostedPartition::leads).forEach(trimmer::trim);
  }

  /** Whether the change log of a partition that was split is still to be read. */
  boolean needs(HostedPartition sealed) {
    for (int table : sealed.machine().tablesWithChanges()) {
      if (sealed.machine().changesKept(table).records() > 0) {
        for (ChangeNeed need : needs) {
          if (need.neededFrom(sealed, table) <= sealed.machine().appliedPosition().index()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** What an entry that is about to be applied changes. */
  List<StreamTruth.Change> before(long partition, long index, ByteString entry) {
    return driver.truth().before(partition, index, entry, store, driver.millis());
  }

  /** It was applied. */
  void applied(long partition, long index, List<StreamTruth.Change> changes) {
    driver.truth().applied(partition, index, changes);
  }
}
