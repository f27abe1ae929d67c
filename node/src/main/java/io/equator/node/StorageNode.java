package io.equator.node;

import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.changes.OldCopy;
import io.equator.node.changes.ShardRotator;
import io.equator.node.changes.StreamEndpoint;
import io.equator.node.changes.StreamFloors;
import io.equator.node.changes.StreamRetention;
import io.equator.node.confirm.GrpcGroupTruth;
import io.equator.node.core.DroppedRows;
import io.equator.node.core.IndexPressure;
import io.equator.node.core.LockWaits;
import io.equator.node.core.MetaRows;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.StateReplacement;
import io.equator.node.core.StateReplacement.StepListener;
import io.equator.node.core.StoreDamagedException;
import io.equator.node.core.StoreException;
import io.equator.node.core.StoreFlusher;
import io.equator.node.health.DiskState;
import io.equator.node.health.HealthStatistics;
import io.equator.node.health.HealthWatch;
import io.equator.node.indexes.IndexEndpoint;
import io.equator.node.indexes.IndexPumps;
import io.equator.node.indexes.IndexScrubStatistics;
import io.equator.node.indexes.IndexScrubber;
import io.equator.node.integrity.Digests;
import io.equator.node.integrity.IntegrityEndpoint;
import io.equator.node.integrity.IntegrityStatistics;
import io.equator.node.integrity.Scrubber;
import io.equator.node.regions.ComparisonTotals;
import io.equator.node.regions.RegionComparer;
import io.equator.node.regions.RegionNodeEndpoint;
import io.equator.node.regions.RegionPumps;
import io.equator.node.regions.TimestampCloser;
import io.equator.node.regions.TombstoneSweep;
import io.equator.node.rocksdb.RocksStore;
import io.equator.node.service.CallObserver;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.NodeEndpoint;
import io.equator.node.service.SplitEndpoint;
import io.equator.node.service.TransactionEndpoint;
import io.equator.node.snapshots.Installer;
import io.equator.node.snapshots.SnapshotEndpoint;
import io.equator.node.ttl.TtlSweeper;
import io.equator.partitioner.NodeId;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.DropTable;
import io.equator.proto.Effect;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.Redirect;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.ScrubResponse;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.regions.RegionChannels;
import io.grpc.BindableService;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A storage node: its directory, its store, and the partitions that the catalog gives it.
 *
 * <p>One thread, the <i>keeper</i>, does everything that is not a request, in turn: it opens
 * partitions as the catalog names them, flushes the store and lets the logs be cut, gives up
 * leadership when the store has failed, and drops what is left of tables that the catalog no longer
 * has. Each of these looks at what is and what should be, so it does not matter how often it runs
 * or what ran before.
 */
public final class StorageNode implements HostedPartitions, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StorageNode.class);
  private static final long KEEPER_MILLIS = 500;
  private static final long SPLIT_FLUSH_NANOS = 2_000_000_000L;
  private static final int WAITING_READS_MAX = 1024;

  /** Rows of dropped tables that the keeper removes before it looks at other things again. */
  private static final int DROPPED_ROWS_STEP = 20_000;

  private final NodeConfig config;
  private final CatalogFollower catalog;
  private final HybridClock clock;
  private final StoreDirectory directory;
  private final RocksStore store;
  private final StoreFlusher flusher;
  private final DroppedRows droppedRows;
  private final IndexPumps indexPumps;
  private final IndexScrubber indexScrubber;
  private final IndexEndpoint indexEndpoint;
  private final RegionPumps regionPumps;
  private final RegionComparer regionComparer;
  private final RegionNodeEndpoint regionEndpoint;
  private final TimestampCloser timestampCloser;
  private final TombstoneSweep tombstoneSweep = new TombstoneSweep(System::currentTimeMillis);
  private final StreamFloors streamFloors = new StreamFloors();
  private final ShardRotator shardRotator;
  private final TtlSweeper ttlSweeper;
  private final StreamEndpoint streamEndpoint = new StreamEndpoint(this);
  private final StreamRetention streamRetention;
  private final ChangeTrimmer trimmer;
  private final Replicas replicas;
  private final SnapshotEndpoint snapshotEndpoint;
  private final Digests digests;
  private final Scrubber scrubber;
  private final IntegrityEndpoint integrityEndpoint;
  private final Repairs repairs = new Repairs();
  private final SplitEndpoint splitEndpoint;
  private final SplitSigns splitSigns;
  private final RowCounter rowCounter = new RowCounter();
  private final LogHost logs;
  private final ReplicaFailures failures;
  private final HealthWatch health;

  /** Told to those who ask for partitions that were closed because the disk is exhausted. */
  private final Set<Long> parked = ConcurrentHashMap.newKeySet();

  private DiskState disk = DiskState.ROOM;
  private final Map<Long, PartitionHeat> heats = new ConcurrentHashMap<>();
  private final Set<String> dropsOnTheirWay = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService keeper;
  private final ExecutorService readers;
  private final NodeEndpoint endpoint;
  private final TransactionEndpoint transactionEndpoint;
  private final ScheduledExecutorService lockWaits;
  private final AtomicBoolean closed = new AtomicBoolean();
  private long lastFlushNanos = System.nanoTime();
  private boolean steppedDown;

  private StorageNode(
      NodeConfig config,
      LogHost logs,
      ReplicaFailures failures,
      CatalogFollower catalog,
      CatalogTruth truth,
      HybridClock clock,
      Function<NodeId, @Nullable Channel> peers,
      RegionChannels regions,
      CallObserver calls,
      StoreDirectory directory,
      RocksStore store) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.directory = directory;
    this.store = store;
    this.flusher = new StoreFlusher(store);
    this.droppedRows = new DroppedRows(store);
    this.snapshotEndpoint =
        new SnapshotEndpoint(this, store, directory.sending(), config.snapshots());
    this.digests = new Digests(config.node().value(), config.scrub().bytesPerSecond());
    this.scrubber = new Scrubber(config.node(), this, peers, config.scrub().interval());
    this.integrityEndpoint = new IntegrityEndpoint(this, digests, scrubber, repairs);
    this.ttlSweeper = new TtlSweeper(System::currentTimeMillis, config.ttlDeletesPerSecond());
    this.logs = logs;
    this.failures = failures;
    this.health =
        new HealthWatch(
            config.node(),
            config.health(),
            config.directory(),
            this::openLogs,
            peers,
            store::missesSpace,
            this::wake);
    this.indexPumps = new IndexPumps(catalog::snapshot, peers, config.changes());
    this.indexScrubber =
        new IndexScrubber(
            config.node(),
            this,
            catalog::snapshot,
            indexPumps,
            config.scrub().interval(),
            config.scrub().bytesPerSecond());
    this.indexEndpoint = new IndexEndpoint(this, catalog::snapshot, indexPumps, indexScrubber);
    this.timestampCloser = new TimestampCloser(() -> HybridTimestamp.millisOf(clock.nextBits()));
    this.regionPumps = new RegionPumps(catalog::snapshot, regions, System::currentTimeMillis);
    this.regionComparer =
        new RegionComparer(
            this,
            catalog::snapshot,
            regionPumps,
            regions,
            config.scrub().regions(),
            config.node().value(),
            System::currentTimeMillis);
    this.regionEndpoint =
        new RegionNodeEndpoint(
            this, catalog::snapshot, regionPumps, tombstoneSweep, regionComparer);
    this.shardRotator =
        new ShardRotator(config.changes().shardRotation(), System::currentTimeMillis);
    this.streamRetention =
        new StreamRetention(
            catalog::snapshot, System::currentTimeMillis, config.changes().streamBytes());
    List<ChangeNeed> needs =
        List.of(
            new OldCopy(catalog::coversAllBefore, System::nanoTime),
            indexPumps,
            regionPumps,
            streamRetention);
    this.trimmer = new ChangeTrimmer(needs, this::trimAgain);
    this.keeper =
        Executors.newSingleThreadScheduledExecutor(threads("keeper-" + config.node().value()));
    this.readers =
        new ThreadPoolExecutor(
            config.readThreads(),
            config.readThreads(),
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_READS_MAX),
            threads("reader-" + config.node().value()));
    this.endpoint = new NodeEndpoint(this, logs, catalog::snapshot, readers, calls);
    this.transactionEndpoint =
        new TransactionEndpoint(
            endpoint, this, store, catalog::snapshot, System::currentTimeMillis);
    this.lockWaits =
        Executors.newSingleThreadScheduledExecutor(threads("lock-waits-" + config.node().value()));
    this.replicas =
        new Replicas(
            config,
            logs,
            failures,
            catalog::snapshot,
            truth,
            new GrpcGroupTruth(peers),
            clock,
            store,
            flusher,
            new Installer(store, directory.arriving(), peers),
            new Replicas.Host() {
              @Override
              public void prepare(PartitionMachine machine) {
                long id = machine.partition();
                machine.onChanges(
                    table -> {
                      indexPumps.changed(id, table);
                      regionPumps.changed(id, table);
                    });
                machine.onDigest(
                    (digest, state) -> digests.take(id, machine.descriptor(), digest, state));
              }

              @Override
              public int region() {
                return StorageNode.this.region();
              }

              @Override
              public void afterLockWait(Runnable end) {
                whenLockWaitEnds(end);
              }

              @Override
              public IndexPressure indexPressure() {
                return indexPumps;
              }

              @Override
              public boolean hasRoom() {
                return disk != DiskState.EXHAUSTED;
              }

              @Override
              public void wake() {
                StorageNode.this.wake();
              }
            });
    this.splitSigns =
        new SplitSigns(catalog::snapshot, List.of(indexPumps, regionPumps), needs, heats::get);
    this.splitEndpoint = new SplitEndpoint(this, store, splitSigns);
  }

  /**
   * Opens the node's store and begins to follow the catalog; partitions open as the catalog names
   * them.
   *
   * @param logs opens the partitions' logs; the caller closes it after the node
   * @param failures what {@code logs} tells of replicas that stop themselves; they are opened again
   * @param catalog started by the caller
   * @param truth asked before anything is thrown away
   * @param peers channels to every node, this one among them; null for one that is not known
   * @param regions channels to other regions
   * @param calls sees its calls
   * @throws StoreException with one clear sentence when the directory cannot be used
   */
  public static StorageNode open(
      NodeConfig config,
      LogHost logs,
      ReplicaFailures failures,
      CatalogFollower catalog,
      CatalogTruth truth,
      HybridClock clock,
      Function<NodeId, @Nullable Channel> peers,
      RegionChannels regions,
      CallObserver calls) {
    StoreDirectory directory = StoreDirectory.take(config.directory(), config.node().value());
    RocksStore store;
    try {
      store = open(directory, config);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
    StorageNode node =
        new StorageNode(
            config, logs, failures, catalog, truth, clock, peers, regions, calls, directory, store);
    node.start();
    return node;
  }

  private static RocksStore open(StoreDirectory directory, NodeConfig config) {
    StoreRebuild rebuild = directory.rebuild();
    if (!rebuild.isOrdered()) {
      return RocksStore.open(directory.store(), config.store());
    }
    rebuild.putAside();
    RocksStore fresh = RocksStore.open(directory.store(), config.store());
    try {
      rebuild.begin(fresh, config.node().value());
      return fresh;
    } catch (RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  private static ThreadFactory threads(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void start() {
    health.start();
    catalog.listen(_ -> wake());
    scrubber.start();
    regionComparer.start();
    indexScrubber.start();
    var _ =
        keeper.scheduleWithFixedDelay(
            this::keep, KEEPER_MILLIS, KEEPER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void wake() {
    if (!closed.get()) {
      keeper.execute(this::keep);
    }
  }

  /** The gRPC service of this node. */
  public BindableService service() {
    return endpoint;
  }

  /** The gRPC service of this node for streams. */
  public BindableService streamService() {
    return streamEndpoint;
  }

  /** The gRPC service of this node for global indexes. */
  public BindableService indexService() {
    return indexEndpoint;
  }

  /** The gRPC service of this node for transactions. */
  public BindableService transactionService() {
    return transactionEndpoint;
  }

  /** The gRPC service that gives states of partitions to other nodes. */
  public BindableService snapshotService() {
    return snapshotEndpoint;
  }

  /** What comparing with other regions has found. */
  public List<ComparisonTotals> regionComparisons() {
    return regionComparer.totals();
  }

  /** Compares what this node leads of a table with the other regions, now; takes its time. */
  public List<RegionComparisonReport> compareRegions(int table) throws InterruptedException {
    return regionComparer.compare(table);
  }

  /** The gRPC service of this node for what it sends to other regions. */
  public BindableService regionService() {
    return regionEndpoint;
  }

  /** The gRPC service of this node that tells what its replicas are, and repairs them. */
  public BindableService integrityService() {
    return integrityEndpoint;
  }

  /** The gRPC service that tells peers how this node's machine is. */
  public BindableService healthService() {
    return health.service();
  }

  /** How this node's machine is. */
  public HealthStatistics health() {
    return health.statistics();
  }

  /** Why the node does not do all of its work though it lives, if so. */
  @Override
  public Optional<String> strained() {
    return health.strained();
  }

  @Override
  public Optional<Redirect> refusesWrites(HostedPartition partition) {
    return health.refusal(partition.log().group());
  }

  /** The logs of this node's partitions, and of its member of the catalog. */
  private Collection<ReplicatedLog> openLogs() {
    List<ReplicatedLog> open = new ArrayList<>();
    logs.replica(GroupId.CATALOG).ifPresent(open::add);
    replicas.served().forEach(partition -> open.add(partition.log()));
    return open;
  }

  /** What comparing replicas came to. */
  public IntegrityStatistics integrity() {
    return scrubber.statistics();
  }

  /** What comparing global indexes with their tables came to. */
  public IndexScrubStatistics indexScrubs() {
    return indexScrubber.statistics();
  }

  /** The gRPC service by which partitions are split. */
  public BindableService splitService() {
    return splitEndpoint;
  }

  /** Its id. */
  public NodeId id() {
    return config.node();
  }

  @Override
  public @Nullable HostedPartition partition(long id) {
    return replicas.served(id);
  }

  @Override
  public Collection<HostedPartition> embryos() {
    return replicas.embryos();
  }

  @Override
  public @Nullable HostedPartition embryo(long id) {
    return replicas.embryo(id);
  }

  @Override
  public Collection<HostedPartition> all() {
    return replicas.served();
  }

  @Override
  public Optional<String> unfit() {
    return closed.get() ? Optional.of("the node is closing") : store.failure();
  }

  @Override
  public Optional<String> unfit(long id) {
    Optional<String> unfit = unfit();
    if (unfit.isEmpty() && parked.contains(id)) {
      return Optional.of("the node's disk has no room for the replica");
    }
    return unfit.isEmpty() && replicas.isBeingReplaced(id)
        ? Optional.of("the state of the replica is being replaced")
        : unfit;
  }

  /**
   * Why only a new process helps, if so: the store has failed. Replicas that stop themselves are
   * opened again without that.
   */
  public Optional<String> broken() {
    return store.failure().map(why -> "node " + config.node().value() + ": " + why);
  }

  /** The partitions that the catalog gives this node and that are not open here yet, in words. */
  public Optional<String> unopened() {
    List<Long> missing = replicas.unopened();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of("node " + config.node().value() + ": partitions " + missing + " not open");
  }

  /** Compares the replicas of a partition, if this node leads it. */
  public Optional<ScrubResponse> scrub(long id) throws InterruptedException {
    HostedPartition partition = replicas.served(id);
    return partition == null || !partition.leads()
        ? Optional.empty()
        : Optional.of(scrubber.scrub(partition));
  }

  @Override
  public void unreadable(long id) {
    scrubber.suspect(id);
  }

  /** True while rows of dropped tables are still there. */
  boolean hasDroppedRows() {
    return droppedRows.any();
  }

  /** Makes everything applied durable now and lets the logs be cut. */
  public void flush() {
    lastFlushNanos = System.nanoTime();
    flusher.flush();
    for (HostedPartition partition : replicas.served()) {
      partition.log().requestSnapshot();
    }
  }

  private void keep() {
    if (closed.get()) {
      return;
    }
    try {
      CatalogSnapshot snapshot = catalog.snapshot();
      followDisk();
      replicas.look(snapshot);
      snapshotEndpoint.expire();
      dropTables(snapshot);
      indexPumps.look(replicas.served());
      regionPumps.look(replicas.served());
      timestampCloser.look(snapshot, replicas.served());
      tombstoneSweep.look(snapshot, replicas.served());
      streamFloors.look(snapshot, replicas.served());
      shardRotator.look(snapshot, replicas.served());
      if (disk == DiskState.ROOM) {
        // Deleting takes space first; expired items may wait.
        ttlSweeper.look(snapshot, replicas.served());
      }
      trimChanges();
      measureHeat();
      rowCounter.look(replicas.served());
      splitSigns.look(replicas.served());
      droppedRows.remove(DROPPED_ROWS_STEP);
      directory.rebuild().forget(store);
      if (store.failure().isPresent()) {
        giveUpLeadership();
      } else if (flushIsDue()) {
        flush();
      }
    } catch (StoreDamagedException e) {
      damaged(e);
    } catch (RuntimeException e) {
      LOG.error("node {} could not keep its house; it tries again", config.node().value(), e);
    }
  }

  /**
   * A disk that fills: the logs are cut as far as they can be, which is what the node can free. One
   * that is exhausted: replicas that follow are closed, before a log or a flush fails in the middle
   * of something. What is led here stays: it grows no more, and can be read.
   */
  private void followDisk() {
    DiskState before = disk;
    disk = health.disk();
    if (disk != before && disk == DiskState.ROOM) {
      failures.forgive();
    }
    if (disk != DiskState.EXHAUSTED) {
      parked.clear();
    }
    if (disk != before && disk != DiskState.ROOM && store.failure().isEmpty()) {
      try {
        flush();
      } catch (StoreException e) {
        LOG.error("{} cannot flush its store: {}", config.node().value(), e.getMessage());
      }
    }
    if (disk == DiskState.EXHAUSTED) {
      park();
    }
  }

  private void park() {
    for (HostedPartition partition : List.copyOf(replicas.served())) {
      long id = partition.machine().partition();
      if (!partition.leads()
          && partition.log().members().size() > 1
          && parked.add(id)
          && replicas.takeOut(id)) {
        LOG.warn(
            "{} closes its replica of partition {} until its disk has room",
            config.node().value(),
            id);
      }
    }
  }

  /**
   * The node's own rows cannot be read. What was there is put aside, not thrown away, so nobody has
   * to be asked first; but others must have every partition.
   */
  private void damaged(StoreDamagedException found) {
    String self = config.node().value();
    for (PartitionDescriptor partition : catalog.snapshot().partitionDescriptors()) {
      if (replicas.isHere(partition) && partition.getReplicaNodeIdsCount() == 1) {
        store.condemn(
            "files cannot be read, and nobody else has partition "
                + partition.getPartitionId()
                + ". Restore it from a backup");
        LOG.error("the store of {} is damaged", self, found);
        return;
      }
    }
    LOG.error("the store of {} is damaged", self, found);
    repairs.rebuild();
  }

  /** What is done about replicas that are not what a majority has; on the keeper. */
  private final class Repairs implements IntegrityEndpoint.Repairs {
    /**
     * Takes a replica out of service. Its log stays, so it forgets no promise; when it is opened
     * again its state is fetched from the others first.
     */
    @Override
    public void replace(long id) {
      onKeeper(
          () -> {
            if (replicas.takeOut(id)) {
              new StateReplacement(store, id, MetaRows.descriptor(store, id), StepListener.NONE)
                  .condemn();
              LOG.error(
                  "the replica of partition {} on {} is not what the others have; it is made anew",
                  id,
                  config.node().value());
              wake();
            }
          });
    }

    @Override
    public void rebuild() {
      onKeeper(
          () -> {
            if (store.failure().isEmpty()) {
              directory.rebuild().order(store);
              store.condemn("files cannot be read; the store is made anew at the next start");
            }
          });
    }

    private void onKeeper(Runnable repair) {
      keeper.execute(
          () -> {
            try {
              repair.run();
            } catch (RuntimeException e) {
              LOG.error(
                  "{} cannot repair itself: drain it, and let it join again with an empty folder",
                  config.node().value(),
                  e);
            }
          });
    }
  }

  /** The number that writes of this region carry: the catalog knows it once there is a cluster. */
  private int region() {
    int number = catalog.snapshot().cluster().map(ClusterDescriptor::getRegionNumber).orElse(0);
    return number == 0 ? config.region() : number;
  }

  /** When the node closes there is nobody left to tell. */
  private void whenLockWaitEnds(Runnable end) {
    try {
      var _ = lockWaits.schedule(end, LockWaits.BUDGET_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      LOG.debug("the node closes while a write waits");
    }
  }

  /**
   * A table whose number has been given out and that is not in the catalog has been deleted:
   * numbers are never reused.
   */
  private void dropTables(CatalogSnapshot snapshot) {
    if (snapshot.cluster().isEmpty()) {
      return;
    }
    int next = snapshot.cluster().get().getNextTableId();
    for (HostedPartition partition : replicas.served()) {
      if (!partition.leadsOwner()) {
        continue;
      }
      for (int table : partition.machine().tables()) {
        if (Integer.compareUnsigned(table, next) < 0 && snapshot.table(table).isEmpty()) {
          drop(partition, table);
        }
      }
    }
  }

  private void drop(HostedPartition partition, int table) {
    String name = partition.machine().partition() + "/" + table;
    if (!dropsOnTheirWay.add(name)) {
      return;
    }
    var _ =
        partition
            .writer()
            .submit(
                Effect.newBuilder().setDropTable(DropTable.newBuilder().setTableId(table)).build())
            .whenComplete((_, _) -> dropsOnTheirWay.remove(name));
  }

  private void trimAgain(HostedPartition partition) {
    try {
      keeper.execute(
          () -> {
            if (!closed.get() && partition.leads()) {
              trimmer.trim(partition);
            }
          });
    } catch (RejectedExecutionException _) {
      LOG.debug("the node closes while its change log is trimmed");
    }
  }

  private void trimChanges() {
    for (HostedPartition partition : replicas.served()) {
      if (partition.leads()) {
        trimmer.trim(partition);
      }
    }
  }

  private void measureHeat() {
    long now = System.nanoTime();
    for (HostedPartition partition : replicas.served()) {
      long reads = partition.reader().rowsRead();
      long writes = partition.writer().writesAsked();
      heats
          .computeIfAbsent(
              partition.machine().partition(), _ -> new PartitionHeat(now, reads, writes))
          .look(now, reads, writes);
    }
  }

  /**
   * Figures of this moment, for those who watch the node.
   *
   * @throws StoreException when the node is closed
   */
  public NodeStatistics statistics() {
    return new NodeStatistics(
        config.node(),
        replicas.served().stream().map(this::statistics).toList(),
        indexPumps.lags(System.currentTimeMillis()),
        indexPumps.throttledWrites(),
        regionPumps.lags(),
        store.statistics(flusher.unflushedBytes()),
        ttlSweeper.deletedItems(),
        streamRetention.recordsGoneEarly(),
        clock.aheadMillis());
  }

  private NodeStatistics.Replica statistics(HostedPartition partition) {
    PartitionMachine machine = partition.machine();
    PartitionWriter writer = partition.writer();
    MetaRows.Counters items = machine.itemTotals();
    PartitionHeat heat = heats.get(machine.partition());
    return new NodeStatistics.Replica(
        machine.partition(),
        partition.descriptor().epoch(),
        partition.leads(),
        partition.log().statistics(),
        items.items(),
        items.bytes(),
        machine.indexTotals().bytes(),
        machine.changeBytesKept(),
        machine.locksHeld(),
        writer.pendingWrites(),
        writer.queuedEffects(),
        writer.entriesInFlight(),
        partition.reader().rowsRead(),
        writer.writesAsked(),
        heat == null ? 0 : heat.readsPerSecond(),
        heat == null ? 0 : heat.writesPerSecond());
  }

  private boolean flushIsDue() {
    if (flusher.unflushedBytes() >= config.flushBytes()) {
      return true;
    }
    if (System.nanoTime() - lastFlushNanos >= SPLIT_FLUSH_NANOS
        && replicas.served().stream().anyMatch(each -> !each.machine().isSplitDurable())) {
      // The split partition's log is kept until this is durable on every replica.
      return true;
    }
    return !config.inMemory()
        && flusher.unflushedBytes() > 0
        && System.nanoTime() - lastFlushNanos >= config.flushInterval().toNanos();
  }

  private void giveUpLeadership() {
    if (!steppedDown) {
      steppedDown = true;
      LOG.error(
          "node {} gives up its leaderships: {}", config.node().value(), store.failure().get());
    }
    for (HostedPartition partition : replicas.served()) {
      partition.log().stepDown();
    }
  }

  /** Stops serving, closes the logs of the partitions, makes everything durable. Idempotent. */
  @Override
  public void close() {
    stop(true);
  }

  /**
   * Stops without making anything durable that is not yet: the directory stays as a crash would
   * leave it, and the next start replays the logs. For tests of that.
   */
  public void abandon() {
    stop(false);
  }

  private void stop(boolean orderly) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    keeper.shutdown();
    health.close();
    scrubber.close();
    regionComparer.close();
    indexScrubber.close();
    indexPumps.close();
    regionPumps.close();
    readers.shutdown();
    lockWaits.shutdownNow();
    awaitQuietly(keeper);
    awaitQuietly(readers);
    replicas.endBackgroundWork();
    snapshotEndpoint.close();
    replicas.closeLogs();
    try {
      if (orderly && !config.inMemory() && store.failure().isEmpty()) {
        flusher.flush();
      }
    } catch (StoreException e) {
      LOG.error("the last flush failed; the logs replay what it missed", e);
    }
    replicas.close();
    digests.close();
    if (orderly) {
      store.close();
    } else {
      store.abandon();
    }
    directory.close();
  }

  private static void awaitQuietly(ExecutorService threads) {
    try {
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
