package io.equator.node;

import io.equator.node.changes.ChangeNeed;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.SplitEndpoint;
import io.equator.proto.SplitReplica;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What speaks for a split of a partition, and against letting go of one that has been split. */
final class SplitSigns implements SplitEndpoint.Signs {
  private final Supplier<CatalogSnapshot> catalog;
  private final List<ChangeNeed> enders;
  private final List<ChangeNeed> needs;
  private final Function<Long, @Nullable PartitionHeat> heats;
  private final Map<Long, Boolean> needed = new ConcurrentHashMap<>();

  /**
   * @param enders readers that have to say to others that they are at the end, also of a log
   *     without records
   */
  SplitSigns(
      Supplier<CatalogSnapshot> catalog,
      List<ChangeNeed> enders,
      List<ChangeNeed> needs,
      Function<Long, @Nullable PartitionHeat> heats) {
    this.catalog = catalog;
    this.enders = List.copyOf(enders);
    this.needs = List.copyOf(needs);
    this.heats = heats;
  }

  /** Asks the readers of split partitions that this node leads; by the keeper, as they want it. */
  void look(Collection<HostedPartition> partitions) {
    for (HostedPartition partition : partitions) {
      long id = partition.machine().partition();
      if (partition.machine().sealed() != null && partition.leads()) {
        needed.put(id, isNeeded(partition));
      } else {
        needed.remove(id);
      }
    }
  }

  @Override
  public boolean changesNeeded(HostedPartition sealed) {
    return needed.getOrDefault(sealed.machine().partition(), true);
  }

  private boolean isNeeded(HostedPartition sealed) {
    Set<Integer> tables = new HashSet<>(sealed.machine().tablesWithChanges());
    catalog
        .get()
        .tables()
        .values()
        .forEach(
            table -> {
              if (table.ringId() == sealed.descriptor().ringId()) {
                tables.add(table.id());
              }
            });
    for (int table : tables) {
      for (ChangeNeed ender : enders) {
        if (ender.neededFrom(sealed, table) != ChangeNeed.NOTHING) {
          return true;
        }
      }
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

  @Override
  public void add(HostedPartition replica, SplitReplica.Builder status) {
    status.setSizeBytes(
        replica.machine().itemTotals().bytes() + replica.machine().indexTotals().bytes());
    replica.load().half().ifPresent(status::setHeatToken);
    PartitionHeat heat = heats.apply(replica.machine().partition());
    if (heat != null) {
      status.setReadsPerSecond(heat.readsPerSecond()).setWritesPerSecond(heat.writesPerSecond());
    }
  }
}
