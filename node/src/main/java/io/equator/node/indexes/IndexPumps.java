package io.equator.node.indexes;

import io.equator.model.error.ApiError;
import io.equator.model.error.Throttling;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.core.IndexPressure;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.proto.DropIndex;
import io.equator.proto.Effect;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowOrigin;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableArns;
import io.equator.replication.catalog.TableView;
import io.grpc.Channel;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a pump for each partition that this node leads and each global index of a table on its ring,
 * and no others. Also drops the rows of indexes that the catalog no longer has.
 *
 * <p>{@link #look} is called by the node's keeper whenever something may have changed, and compares
 * what runs with what should.
 */
public final class IndexPumps implements ChangeNeed, IndexPressure, AutoCloseable {
  /** A comparison that a pump has not come to by then is given up. */
  static final Duration CHECKED_WITHIN = Duration.ofMinutes(1);

  private record Lane(long partition, int table, int index) {}

  private final Supplier<CatalogSnapshot> catalog;
  private final IndexTargets targets;
  private final Map<Lane, IndexPump> pumps = new ConcurrentHashMap<>();
  private final Set<Lane> dropsOnTheirWay = ConcurrentHashMap.newKeySet();
  private final PumpThreads threads;
  private final PumpLimits limits;
  private final ChangeLimits bounds;
  private final LongSupplier wallMillis;
  private final ConcurrentHashMap<IndexName, LongAdder> throttled = new ConcurrentHashMap<>();

  /** An index of a table. */
  public record IndexName(int table, int index) {}

  /**
   * @param channels to every node, this one among them; null for one that is not known
   * @param bounds from when on an index holds up the writes of its table
   */
  public IndexPumps(
      Supplier<CatalogSnapshot> catalog,
      Function<NodeId, @Nullable Channel> channels,
      ChangeLimits bounds) {
    this(
        catalog,
        new GrpcIndexTargets(channels),
        PumpThreads.virtual(),
        PumpLimits.DEFAULT,
        bounds,
        System::currentTimeMillis);
  }

  /** In a world whose messages, threads and time may be simulated. */
  IndexPumps(
      Supplier<CatalogSnapshot> catalog,
      IndexTargets targets,
      PumpThreads threads,
      PumpLimits limits,
      ChangeLimits bounds,
      LongSupplier wallMillis) {
    this.catalog = catalog;
    this.targets = targets;
    this.threads = threads;
    this.limits = limits;
    this.bounds = bounds;
    this.wallMillis = wallMillis;
  }

  /** Starts and stops pumps so that they are as the catalog and the leaderships want them. */
  public void look(Collection<HostedPartition> partitions) {
    CatalogSnapshot snapshot = catalog.get();
    Set<Lane> wanted = new HashSet<>();
    for (TableView table : snapshot.tables().values()) {
      for (IndexView index : table.globalIndexes()) {
        if (!index.descriptor().getStatus().equals("DELETING")) {
          start(partitions, table, index, wanted);
        }
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
    for (HostedPartition partition : partitions) {
      if (partition.leadsOwner()) {
        dropUnknown(snapshot, partition);
      }
    }
  }

  private void start(
      Collection<HostedPartition> partitions, TableView table, IndexView index, Set<Lane> wanted) {
    for (HostedPartition partition : partitions) {
      if (partition.descriptor().ringId() != table.ringId() || !partition.leads()) {
        continue;
      }
      Lane lane = new Lane(partition.machine().partition(), table.id(), index.id());
      wanted.add(lane);
      if (!pumps.containsKey(lane)) {
        IndexPump pump =
            new IndexPump(
                partition, table.id(), index.id(), catalog, targets, threads.waits(), limits);
        pumps.put(lane, pump);
        threads.run(pump);
      }
    }
  }

  /** Numbers of indexes are never reused, so an index that is not in the catalog is gone. */
  private void dropUnknown(CatalogSnapshot snapshot, HostedPartition partition) {
    for (int id : partition.machine().tables()) {
      Optional<TableView> table = snapshot.table(id);
      if (table.isEmpty()) {
        continue;
      }
      for (int index : partition.machine().indexes(id)) {
        if (index != 0
            && index < Math.max(1, table.get().descriptor().getNextIndexId())
            && !has(table.get(), index)) {
          drop(partition, id, index);
        }
      }
    }
  }

  private static boolean has(TableView table, int index) {
    return table.descriptor().getIndexesList().stream().anyMatch(i -> i.getIndexId() == index);
  }

  private void drop(HostedPartition partition, int table, int index) {
    Lane lane = new Lane(partition.machine().partition(), table, index);
    if (!dropsOnTheirWay.add(lane)) {
      return;
    }
    DropIndex drop = DropIndex.newBuilder().setTableId(table).setIndexId(index).build();
    var _ =
        partition
            .writer()
            .submit(Effect.newBuilder().setDropIndex(drop).build())
            .whenComplete((_, _) -> dropsOnTheirWay.remove(lane));
  }

  /** How far each index is behind each partition that this node leads. */
  public List<IndexLag> lags(long nowMillis) {
    return pumps.values().stream().map(pump -> pump.lag(nowMillis)).toList();
  }

  /**
   * Has items of a partition that this node leads compared with their rows; what differs is put
   * right.
   *
   * @return ends exceptionally when it cannot be done at present; empty when there is no such pump,
   *     or too much waits for it
   */
  Optional<CompletableFuture<IndexDifferences>> check(
      long partition, int table, int index, List<IndexRowOrigin> rows) {
    IndexPump pump = pumps.get(new Lane(partition, table, index));
    return pump == null
        ? Optional.empty()
        : pump.check(rows)
            .map(done -> done.orTimeout(CHECKED_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
  }

  IndexTargets targets() {
    return targets;
  }

  /** A table's change log has grown. */
  public void changed(long partition, int table) {
    pumps.forEach(
        (lane, pump) -> {
          if (lane.partition() == partition && lane.table() == table) {
            pump.wake();
          }
        });
  }

  /**
   * An index that is too far behind throttles what would change it: DynamoDB's back-pressure. What
   * waits is never given up instead, because an index that has missed a change is wrong for ever.
   */
  @Override
  public @Nullable ApiError refusal(
      long partition, TableView table, IndexView index, boolean exhausted) {
    boolean provisioned = table.descriptor().getBillingMode().equals("PROVISIONED");
    if (exhausted) {
      return Throttling.index(
          provisioned,
          true,
          provisioned ? "ProvisionedThroughputExceeded" : "MaxOnDemandThroughputExceeded",
          arn(table, index));
    }
    IndexPump pump = pumps.get(new Lane(partition, table.id(), index.id()));
    if (pump == null || !pump.isFull(bounds, wallMillis)) {
      return null;
    }
    throttled
        .computeIfAbsent(new IndexName(table.id(), index.id()), _ -> new LongAdder())
        .increment();
    return Throttling.index(provisioned, true, "KeyRangeThroughputExceeded", arn(table, index));
  }

  private String arn(TableView table, IndexView index) {
    return catalog
        .get()
        .cluster()
        .map(cluster -> TableArns.index(cluster, table.name(), index.name()))
        .orElse(index.name());
  }

  /** Writes that were throttled since the start because an index was too far behind. */
  public Map<IndexName, Long> throttledWrites() {
    Map<IndexName, Long> counts = new HashMap<>();
    throttled.forEach((index, count) -> counts.put(index, count.sum()));
    return counts;
  }

  @Override
  public long neededFrom(HostedPartition partition, int table) {
    Optional<TableView> view = catalog.get().table(table);
    if (view.isEmpty()) {
      return NOTHING;
    }
    long needed = NOTHING;
    for (IndexView index : view.get().globalIndexes()) {
      if (!index.descriptor().getStatus().equals("DELETING")) {
        IndexPump pump = pumps.get(new Lane(partition.machine().partition(), table, index.id()));
        needed = Math.min(needed, IndexPump.needOf(pump));
      }
    }
    return needed;
  }

  /** Ends all pumps and waits for them. */
  @Override
  public void close() {
    pumps.values().forEach(IndexPump::stop);
    threads.close();
  }
}
