package io.equator.node;

import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.changes.StreamEndpoint;
import io.equator.node.changes.StreamFloors;
import io.equator.node.changes.StreamRetention;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.DroppedRows;
import io.equator.node.core.LockWaits;
import io.equator.node.core.MetaRows;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.StoreException;
import io.equator.node.core.StoreFlusher;
import io.equator.node.indexes.IndexEndpoint;
import io.equator.node.indexes.IndexPumps;
import io.equator.node.rocksdb.RocksStore;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.NodeEndpoint;
import io.equator.node.service.TransactionEndpoint;
import io.equator.node.ttl.TtlSweeper;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.partitioner.Ring;
import io.equator.proto.DropTable;
import io.equator.proto.Effect;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.BindableService;
import io.grpc.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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
  private static final int WAITING_READS_MAX = 1024;

  /** Rows of dropped tables that the keeper removes before it looks at other things again. */
  private static final int DROPPED_ROWS_STEP = 20_000;

  private final NodeConfig config;
  private final LogHost logs;
  private final CatalogFollower catalog;
  private final HybridClock clock;
  private final StoreDirectory directory;
  private final RocksStore store;
  private final StoreFlusher flusher;
  private final DroppedRows droppedRows;
  private final IndexPumps indexPumps;
  private final IndexEndpoint indexEndpoint;
  private final StreamFloors streamFloors = new StreamFloors();
  private final TtlSweeper ttlSweeper = new TtlSweeper(System::currentTimeMillis);
  private final StreamEndpoint streamEndpoint = new StreamEndpoint(this);
  private final ChangeTrimmer trimmer;
  private final Map<Long, HostedPartition> partitions = new ConcurrentHashMap<>();
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
      CatalogFollower catalog,
      HybridClock clock,
      Function<NodeId, @Nullable Channel> peers,
      StoreDirectory directory,
      RocksStore store) {
    this.config = config;
    this.logs = logs;
    this.catalog = catalog;
    this.clock = clock;
    this.directory = directory;
    this.store = store;
    this.flusher = new StoreFlusher(store);
    this.droppedRows = new DroppedRows(store);
    this.indexPumps = new IndexPumps(catalog::snapshot, peers);
    this.indexEndpoint = new IndexEndpoint(this, catalog::snapshot);
    this.trimmer =
        new ChangeTrimmer(
            List.of(indexPumps, new StreamRetention(catalog::snapshot, System::currentTimeMillis)));
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
    this.endpoint = new NodeEndpoint(this, logs, catalog::snapshot, readers);
    this.transactionEndpoint =
        new TransactionEndpoint(
            endpoint, this, store, catalog::snapshot, System::currentTimeMillis);
    this.lockWaits =
        Executors.newSingleThreadScheduledExecutor(threads("lock-waits-" + config.node().value()));
  }

  /**
   * Opens the node's store and begins to follow the catalog; partitions open as the catalog names
   * them.
   *
   * @param logs opens the partitions' logs; the caller closes it after the node
   * @param catalog started by the caller
   * @param peers channels to every node, this one among them; null for one that is not known
   * @throws StoreException with one clear sentence when the directory cannot be used
   */
  public static StorageNode open(
      NodeConfig config,
      LogHost logs,
      CatalogFollower catalog,
      HybridClock clock,
      Function<NodeId, @Nullable Channel> peers) {
    StoreDirectory directory = StoreDirectory.take(config.directory(), config.node().value());
    RocksStore store;
    try {
      store = RocksStore.open(directory.store(), config.store());
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
    StorageNode node = new StorageNode(config, logs, catalog, clock, peers, directory, store);
    node.start();
    return node;
  }

  private static ThreadFactory threads(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void start() {
    catalog.listen(_ -> wake());
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

  /** Its id. */
  public NodeId id() {
    return config.node();
  }

  @Override
  public @Nullable HostedPartition partition(long id) {
    return partitions.get(id);
  }

  @Override
  public Collection<HostedPartition> all() {
    return partitions.values();
  }

  @Override
  public Optional<String> unfit() {
    return closed.get() ? Optional.of("the node is closing") : store.failure();
  }

  /** True while rows of dropped tables are still there. */
  boolean hasDroppedRows() {
    return droppedRows.any();
  }

  /** Makes everything applied durable now and lets the logs be cut. */
  public void flush() {
    lastFlushNanos = System.nanoTime();
    flusher.flush();
    for (HostedPartition partition : partitions.values()) {
      partition.log().requestSnapshot();
    }
  }

  private void keep() {
    if (closed.get()) {
      return;
    }
    try {
      CatalogSnapshot snapshot = catalog.snapshot();
      openPartitions(snapshot);
      dropTables(snapshot);
      indexPumps.look(partitions.values());
      streamFloors.look(snapshot, partitions.values());
      ttlSweeper.look(snapshot, partitions.values());
      trimChanges();
      droppedRows.remove(DROPPED_ROWS_STEP);
      if (store.failure().isPresent()) {
        giveUpLeadership();
      } else if (flushIsDue()) {
        flush();
      }
    } catch (RuntimeException | IOException e) {
      LOG.error("node {} could not keep its house; it tries again", config.node().value(), e);
    }
  }

  private void openPartitions(CatalogSnapshot snapshot) throws IOException {
    for (Ring ring : snapshot.partitions().rings()) {
      for (Partition partition : ring.partitions()) {
        if (partition.replicas().contains(config.node())
            && !partitions.containsKey(partition.id().value())) {
          open(snapshot, ring, partition);
        }
      }
    }
  }

  private void open(CatalogSnapshot snapshot, Ring ring, Partition partition) throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (NodeId replica : partition.replicas()) {
      Optional<NodeDescriptor> node = snapshot.node(replica);
      if (node.isEmpty()) {
        LOG.warn(
            "{} has a replica on {}, which the catalog does not know", partition.id(), replica);
        return;
      }
      peers.add(new Peer(replica, node.get().getRaftAddress()));
    }
    long id = partition.id().value();
    MetaRows.Descriptor descriptor =
        MetaRows.settle(
            store,
            id,
            new MetaRows.Descriptor(
                partition.epoch().value(),
                ring.id(),
                partition.range().first().bits(),
                partition.range().last().bits()),
            config.node().value());
    PartitionMachine machine = new PartitionMachine(id, descriptor, store, flusher);
    machine.onChanges(table -> indexPumps.changed(id, table));
    ReplicatedLog log;
    try {
      log = logs.open(GroupId.ofPartition(id), machine, peers);
    } catch (IOException | RuntimeException e) {
      machine.close();
      throw e;
    }
    PartitionWriter writer =
        new PartitionWriter(
            log,
            machine,
            store,
            clock,
            config.region(),
            System::currentTimeMillis,
            config.writes(),
            this::whenLockWaitEnds);
    partitions.put(
        id,
        new HostedPartition(
            log,
            machine,
            writer,
            new PartitionReader(store, descriptor),
            new ChangeReader(machine, store)));
    LOG.info(
        "partition {} is open at {} with {} replicas", id, machine.appliedPosition(), peers.size());
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
    for (HostedPartition partition : partitions.values()) {
      if (!partition.leads()) {
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

  private void trimChanges() {
    for (HostedPartition partition : partitions.values()) {
      if (partition.leads()) {
        trimmer.trim(partition);
      }
    }
  }

  private boolean flushIsDue() {
    if (flusher.unflushedBytes() >= config.flushBytes()) {
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
    for (HostedPartition partition : partitions.values()) {
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
    indexPumps.close();
    readers.shutdown();
    lockWaits.shutdownNow();
    awaitQuietly(keeper);
    awaitQuietly(readers);
    Set<HostedPartition> open = new HashSet<>(partitions.values());
    for (HostedPartition partition : open) {
      partition.log().close();
    }
    try {
      if (orderly && !config.inMemory() && store.failure().isEmpty()) {
        flusher.flush();
      }
    } catch (StoreException e) {
      LOG.error("the last flush failed; the logs replay what it missed", e);
    }
    for (HostedPartition partition : open) {
      partition.machine().close();
    }
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
