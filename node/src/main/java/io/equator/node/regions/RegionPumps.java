package io.equator.node.regions;

import io.equator.node.changes.ChangeNeed;
import io.equator.node.service.HostedPartition;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.regions.RegionChannels;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a pump for each partition that this node leads and each target of a table on its ring, and
 * no others.
 *
 * <p>{@link #look} is called by the node's keeper whenever something may have changed, and compares
 * what runs with what should.
 */
public final class RegionPumps implements ChangeNeed, AutoCloseable {
  /**
   * What the change log of a table in a partition may grow to for a region that does not answer:
   * beyond it the region will be walked for again, which needs the tombstones and nothing else.
   */
  private static final long KEPT_BYTES_MAX = 1L << 30;

  private record Place(long partition, LaneName lane) {}

  private final Supplier<CatalogSnapshot> catalog;
  private final RegionLink link;
  private final LongSupplier wallMillis;
  private final Map<Place, RegionPump> pumps = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param channels to the other regions
   * @param wallMillis milliseconds since the epoch
   */
  public RegionPumps(
      Supplier<CatalogSnapshot> catalog, RegionChannels channels, LongSupplier wallMillis) {
    this.catalog = catalog;
    this.link = new GrpcRegionLink(channels);
    this.wallMillis = wallMillis;
  }

  /** Starts and stops pumps so that they are as the catalog and the leaderships want them. */
  public void look(Collection<HostedPartition> partitions) {
    Set<Place> wanted = new HashSet<>();
    for (TableView table : catalog.get().tables().values()) {
      for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
        start(partitions, table, lane(table, target), wanted);
      }
    }
    pumps
        .entrySet()
        .removeIf(
            pump -> {
              boolean idle = !wanted.contains(pump.getKey());
              if (idle) {
                pump.getValue().stop();
              }
              return idle;
            });
  }

  private static LaneName lane(TableView table, ReplicationTarget target) {
    return new LaneName(table.id(), target.getRegion(), target.getGeneration());
  }

  private void start(
      Collection<HostedPartition> partitions, TableView table, LaneName lane, Set<Place> wanted) {
    for (HostedPartition partition : partitions) {
      if (partition.descriptor().ringId() != table.ringId() || !partition.leads()) {
        continue;
      }
      Place place = new Place(partition.machine().partition(), lane);
      wanted.add(place);
      RegionPump running = pumps.get(place);
      if (running != null && !running.lane().source().equals(partition)) {
        running.stop();
        running = null;
      }
      if (running == null) {
        RegionPump pump =
            new RegionPump(new RegionLane(partition, lane, catalog, wallMillis), link);
        pumps.put(place, pump);
        threads.execute(pump);
      }
    }
  }

  /** The lane of a partition, if its pump runs here. */
  @Nullable RegionLane lane(long partition, LaneName name) {
    RegionPump pump = pumps.get(new Place(partition, name));
    return pump == null ? null : pump.lane();
  }

  /** How far each target is behind each partition that this node leads. */
  public List<RegionLag> lags() {
    return pumps.values().stream()
        .map(RegionPump::lane)
        .filter(lane -> !lane.isOver())
        .map(RegionPumps::lag)
        .toList();
  }

  private static RegionLag lag(RegionLane lane) {
    LaneFigures figures = lane.figures();
    long last = lane.source().machine().changesKept(lane.name().table()).last();
    return new RegionLag(
        lane.source().machine().partition(),
        lane.name().table(),
        lane.name().region(),
        lane.walked(),
        Math.max(0, last - lane.neededFrom() + 1),
        lane.lagMillis(),
        lane.resolvedLagMillis(),
        figures.sent(),
        figures.taken(),
        figures.lost(),
        figures.parked(),
        figures.latencyMillis(),
        figures.latencies(),
        lane.trouble());
  }

  /** A table's change log has grown. */
  public void changed(long partition, int table) {
    pumps.forEach(
        (place, pump) -> {
          if (place.partition() == partition && place.lane().table() == table) {
            pump.wake();
          }
        });
  }

  @Override
  public long neededFrom(HostedPartition partition, int table) {
    Optional<TableView> view = catalog.get().table(table);
    if (view.isEmpty()) {
      return NOTHING;
    }
    long needed = NOTHING;
    for (ReplicationTarget target : view.get().descriptor().getReplication().getTargetsList()) {
      RegionLane lane = lane(partition.machine().partition(), lane(view.get(), target));
      boolean givenUp =
          lane != null
              && lane.isFailing()
              && partition.machine().changesKept(table).bytes() > KEPT_BYTES_MAX;
      if (!givenUp) {
        needed = Math.min(needed, lane == null ? 0 : lane.neededFrom());
      }
    }
    return needed;
  }

  /** Ends all pumps and waits for them. */
  @Override
  public void close() {
    pumps.values().forEach(RegionPump::stop);
    threads.shutdownNow();
    threads.close();
  }
}
