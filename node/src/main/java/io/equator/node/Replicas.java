package io.equator.node;

import io.equator.node.confirm.GroupTruth;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.FencedStore;
import io.equator.node.core.ForgottenPartition;
import io.equator.node.core.IndexPressure;
import io.equator.node.core.MetaRows;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.Residence;
import io.equator.node.core.Residence.Opening;
import io.equator.node.core.StateReplacement;
import io.equator.node.core.StoreFlusher;
import io.equator.node.rocksdb.RocksStore;
import io.equator.node.service.HostedPartition;
import io.equator.node.snapshots.Installer;
import io.equator.node.snapshots.ReplicaMachine;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.partitioner.Ring;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas of one node: opens those that the catalog gives it, closes those that failed, throws
 * away those that it gives to others.
 *
 * <p>A replica that is opened for a split is an <i>embryo</i>: its log runs, but it is not served
 * until it is activated ({@link io.equator.node.core.SplitRows}).
 *
 * <p>Threads: {@link #look} by the node's keeper; the rest by any.
 */
final class Replicas implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

  private static final Duration LEAVE_PAUSE = Duration.ofSeconds(2);

  /** What a replica needs of its node. */
  interface Host {
    /** Tells a machine whom to tell of what; before it is served. */
    void prepare(PartitionMachine machine);

    /** Runs something when a write has waited long enough for a transaction. */
    void afterLockWait(Runnable end);

    /** The number that writes of this region carry. */
    int region();

    /** Which global indexes cannot take more. */
    IndexPressure indexPressure();

    /** Whether the disk has room for replicas that follow. */
    boolean hasRoom();

    /** There is something to look at. */
    void wake();
  }

  private final NodeConfig config;
  private final LogHost logs;
  private final ReplicaFailures failures;
  private final Supplier<CatalogSnapshot> catalog;
  private final CatalogTruth truth;
  private final GroupTruth group;
  private final HybridClock clock;
  private final RocksStore store;
  private final StoreFlusher flusher;
  private final Installer installer;
  private final Host host;
  private final Map<Long, HostedPartition> partitions = new ConcurrentHashMap<>();
  private final Map<Long, HostedPartition> embryos = new ConcurrentHashMap<>();

  /** Those that are open; not served while their state is being replaced. The keeper's. */
  private final Map<Long, Opened> opened = new ConcurrentHashMap<>();

  /** Who brings replacements to their end that were broken off by a crash, by partition. */
  private final Map<Long, Thread> finishers = new ConcurrentHashMap<>();

  /** Partitions without a log here that the catalog itself gives this node. */
  private final Set<Long> confirmed = ConcurrentHashMap.newKeySet();

  /**
   * Partitions that the catalog gives to others and whose groups, as far as anybody says, may still
   * count this node: without it they may have no majority, and nobody who could let it go.
   */
  private final Set<Long> counted = ConcurrentHashMap.newKeySet();

  /** When it was last asked whether a partition may be given up; the keeper's. */
  private final Map<Long, Long> askedToLeave = new HashMap<>();

  /** A replica and its log. */
  private record Opened(ReplicaMachine replica, ReplicatedLog log) {}

  Replicas(
      NodeConfig config,
      LogHost logs,
      ReplicaFailures failures,
      Supplier<CatalogSnapshot> catalog,
      CatalogTruth truth,
      GroupTruth group,
      HybridClock clock,
      RocksStore store,
      StoreFlusher flusher,
      Installer installer,
      Host host) {
    this.config = config;
    this.logs = logs;
    this.failures = failures;
    this.catalog = catalog;
    this.truth = truth;
    this.group = group;
    this.clock = clock;
    this.store = store;
    this.flusher = flusher;
    this.installer = installer;
    this.host = host;
  }

  /** The replica of a partition, if it is served here. */
  @Nullable HostedPartition served(long id) {
    return partitions.get(id);
  }

  /** All that are served. */
  Collection<HostedPartition> served() {
    return partitions.values();
  }

  /** A replica that waits to be activated, if it is open here. */
  @Nullable HostedPartition embryo(long id) {
    return embryos.get(id);
  }

  Collection<HostedPartition> embryos() {
    return embryos.values();
  }

  /** Whether a replica is open and not served, because its state is being replaced. */
  boolean isBeingReplaced(long id) {
    return opened.containsKey(id) && !partitions.containsKey(id) && !embryos.containsKey(id);
  }

  /** The partitions in a ring that the catalog gives this node and that are not open here yet. */
  List<Long> unopened() {
    List<Long> missing = new ArrayList<>();
    for (Ring ring : catalog.get().partitions().rings()) {
      for (Partition partition : ring.partitions()) {
        long id = partition.id().value();
        if (partition.replicas().contains(config.node()) && !opened.containsKey(id)) {
          missing.add(id);
        }
      }
    }
    return missing;
  }

  /** Brings the replicas of this node nearer to what the catalog says. */
  void look(CatalogSnapshot snapshot) {
    closeFailed();
    openPartitions(snapshot);
    leavePartitions(snapshot);
  }

  /**
   * A replica that stopped itself is closed and, after a while, opened again from the store. So is
   * one whose log has ended without saying so: a group ends the log of a member that it has let go
   * and that wants to lead it, and may take the same one in again.
   */
  private void closeFailed() {
    opened.forEach(
        (id, replica) -> {
          if (!replica.log.statistics().running()) {
            failures.replicaFailed(
                GroupId.ofPartition(id), new IllegalStateException("its log has ended"));
          }
        });
    for (GroupId group : failures.fresh()) {
      Opened failed = opened.remove(group.number());
      if (failed != null) {
        forget(group.number());
        failed.log.close();
        failed.replica.close();
        forget(group.number());
        LOG.error(
            "the replica of {} on {} has stopped and is closed", group, config.node().value());
      }
    }
  }

  /** Whether a replica of the partition belongs on this node, or is being taken in. */
  boolean isHere(PartitionDescriptor partition) {
    return Residence.isHere(config.node(), partition);
  }

  private void openPartitions(CatalogSnapshot snapshot) {
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      long id = partition.getPartitionId();
      if ((isHere(partition) || counted.contains(id))
          && !opened.containsKey(id)
          && !finishers.containsKey(id)
          && host.hasRoom()
          && store.failure().isEmpty()
          && failures.mayOpen(GroupId.ofPartition(id))) {
        open(snapshot, partition);
      }
    }
  }

  private void open(CatalogSnapshot snapshot, PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    GroupId group = GroupId.ofPartition(id);
    MetaRows.Descriptor named =
        new MetaRows.Descriptor(
            partition.getEpoch(),
            partition.getRingId(),
            partition.getFirstToken(),
            partition.getLastToken());
    Opening opening = Residence.opening(config.node(), store, partition, logs.has(group));
    if (opening == Opening.NOT_AT_ALL) {
      LOG.error(
          "{} has a state of partition {} but no log: it must not vote as if it were new. Drain"
              + " this node, and let it join again with an empty folder.",
          config.node().value(),
          id);
      failures.openingFailed(group);
      return;
    }
    if (opening == Opening.AFTER_FORGETTING) {
      // The group gives this node a new state.
      inBackground("forget", id, () -> ForgottenPartition.remove(store, id, named));
      return;
    }
    if (opening == Opening.AFTER_ITS_STATE) {
      inBackground("expect", id, () -> expect(partition, named));
      return;
    }
    if (Residence.isInTheWay(config.node(), store, partition, snapshot::partitionDescriptor)) {
      LOG.info("partition {} waits for what is left here of another one to go", id);
      return;
    }
    if (opening == Opening.AS_FOUNDER && !confirmed.remove(id)) {
      inBackground("confirm", id, () -> confirm(id));
      return;
    }
    List<NodeId> replicas = partition.getReplicaNodeIdsList().stream().map(NodeId::new).toList();
    List<Peer> peers = new ArrayList<>();
    for (NodeId replica : opening == Opening.TO_JOIN ? List.<NodeId>of() : replicas) {
      Optional<NodeDescriptor> node = snapshot.node(replica);
      if (node.isEmpty()) {
        LOG.warn("partition {} has a replica on {}, which the catalog does not know", id, replica);
        return;
      }
      peers.add(new Peer(replica, node.get().getRaftAddress()));
    }
    MetaRows.Descriptor descriptor =
        MetaRows.settle(store, id, named, partition.getParentId(), config.node().value());
    if (installer.isUnfinished(id)) {
      finish(id, descriptor, replicas);
    } else {
      open(id, descriptor, peers);
    }
  }

  /** From the next look on its state is fetched, and then it is opened. */
  private void expect(PartitionDescriptor partition, MetaRows.Descriptor named) throws IOException {
    long id = partition.getPartitionId();
    StateReplacement.awaitSealed(store, id, named, config.node().value(), Residence.end(partition));
    logs.begin(GroupId.ofPartition(id));
  }

  /** Notes that the catalog itself gives this node a replica that counts. */
  private void confirm(long id) {
    if (truth.partition(id).filter(now -> Residence.isMember(config.node(), now)).isPresent()) {
      confirmed.add(id);
    } else {
      LOG.info("partition {} is not opened: by now the catalog gives it to others", id);
      failures.openingFailed(GroupId.ofPartition(id));
    }
  }

  /**
   * Throws away what this node has of partitions that the catalog gives to others. The copy of the
   * catalog only says whom to ask about.
   */
  private void leavePartitions(CatalogSnapshot snapshot) {
    if (snapshot.revision() == 0) {
      // Nothing is known yet.
      return;
    }
    Map<Long, PartitionDescriptor> known = new HashMap<>();
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      known.put(partition.getPartitionId(), partition);
    }
    Residence.found(store)
        .forEach(
            (id, descriptor) -> {
              Optional<PartitionDescriptor> partition = Optional.ofNullable(known.get(id));
              if (Residence.hasLeft(config.node(), store, id, partition)
                  && !finishers.containsKey(id)
                  && store.failure().isEmpty()
                  && mayAskToLeave(id)) {
                inBackground("leave", id, () -> leave(id, descriptor));
              }
            });
  }

  /** Now and then: a group that is not well says nothing, and may need this replica meanwhile. */
  private boolean mayAskToLeave(long id) {
    long now = System.nanoTime();
    Long asked = askedToLeave.get(id);
    if (asked != null && now - asked < LEAVE_PAUSE.toNanos()) {
      return false;
    }
    askedToLeave.put(id, now);
    return true;
  }

  private void leave(long id, MetaRows.Descriptor descriptor) throws IOException {
    Optional<PartitionDescriptor> now = truth.partition(id);
    if (!Residence.hasLeft(config.node(), store, id, now)) {
      return;
    }
    if (now.isPresent() && !isOut(now.get())) {
      LOG.info("the group of partition {} may still count {}", id, config.node().value());
      return;
    }
    LOG.info("{} gives up its replica of partition {}", config.node().value(), id);
    takeOut(id);
    // Again, now that nobody can take it in any more, nor its log bring it to its seal.
    if (!Residence.hasLeft(config.node(), store, id, now)
        || (now.isPresent() && !isOut(now.get()))) {
      return;
    }
    logs.discard(GroupId.ofPartition(id));
    ForgottenPartition.remove(store, id, descriptor);
    LOG.info("{} has nothing of partition {} any more", config.node().value(), id);
  }

  private boolean isOut(PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    if (group.isOut(config.node(), partition)) {
      counted.remove(id);
      return true;
    }
    if (logs.has(GroupId.ofPartition(id))) {
      counted.add(id);
    }
    return false;
  }

  private interface LongWork {
    void run() throws IOException, InterruptedException;
  }

  /** One piece of work for a partition at a time; meanwhile nobody opens it. */
  private void inBackground(String name, long id, LongWork work) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name + "-" + id)
            .unstarted(
                () -> {
                  try {
                    work.run();
                  } catch (IOException | RuntimeException e) {
                    LOG.error("{} of partition {} failed; it is tried again", name, id, e);
                    if (!opened.containsKey(id)) {
                      failures.openingFailed(GroupId.ofPartition(id));
                    }
                  } catch (InterruptedException e) {
                    LOG.info("{} of partition {} ends with the node", name, id);
                  } finally {
                    finishers.remove(id);
                    host.wake();
                  }
                });
    finishers.put(id, thread);
    thread.start();
  }

  /** Takes as long as copying a state; meanwhile the keeper looks after the others. */
  private void finish(long id, MetaRows.Descriptor descriptor, List<NodeId> replicas) {
    List<NodeId> others =
        replicas.stream().filter(replica -> !replica.equals(config.node())).toList();
    inBackground(
        "install",
        id,
        () -> {
          GroupId group = GroupId.ofPartition(id);
          if (!installer.finish(
              id,
              descriptor,
              others,
              end -> logs.align(group, new LogPosition(end.term(), end.index())))) {
            failures.openingFailed(group);
          }
        });
  }

  private void open(long id, MetaRows.Descriptor descriptor, List<Peer> peers) {
    AtomicReference<ReplicatedLog> log = new AtomicReference<>();
    ReplicaMachine replica =
        new ReplicaMachine(
            id,
            descriptor,
            flusher,
            installer,
            new ReplicaMachine.Host() {
              @Override
              public void show(PartitionMachine machine, FencedStore view) {
                ReplicatedLog opened = log.get();
                if (opened != null) {
                  serve(opened, machine, view);
                }
              }

              @Override
              public void hide() {
                forget(id);
              }

              @Override
              public boolean keeps(long partition) {
                return MetaRows.isThere(store, partition)
                    || catalog.get().partitionDescriptors().stream()
                        .anyMatch(each -> each.getPartitionId() == partition && isHere(each));
              }

              @Override
              public List<NodeId> sources() {
                return catalog.get().partitionDescriptors().stream()
                    .filter(each -> each.getPartitionId() == id)
                    .flatMap(each -> each.getReplicaNodeIdsList().stream())
                    .map(NodeId::new)
                    .filter(node -> !node.equals(config.node()))
                    .toList();
              }
            });
    try {
      log.set(logs.open(GroupId.ofPartition(id), replica, peers));
    } catch (IOException | RuntimeException e) {
      replica.close();
      failures.openingFailed(GroupId.ofPartition(id));
      LOG.error("partition {} cannot be opened; it is tried again later", id, e);
      return;
    }
    opened.put(id, new Opened(replica, log.get()));
    failures.opened(GroupId.ofPartition(id));
    replica.show();
    LOG.info(
        "partition {} is open at {} with {} replicas", id, replica.durablePosition(), peers.size());
  }

  private void serve(ReplicatedLog log, PartitionMachine machine, FencedStore view) {
    long id = machine.partition();
    host.prepare(machine);
    PartitionWriter writer =
        new PartitionWriter(
            log,
            machine,
            view,
            clock,
            host::region,
            System::currentTimeMillis,
            config.writes(),
            host::afterLockWait,
            host.indexPressure());
    HostedPartition hosted =
        new HostedPartition(
            log,
            machine,
            writer,
            new PartitionReader(view, machine.descriptor()),
            new ChangeReader(machine, view));
    (machine.waits() ? embryos : partitions).put(id, hosted);
    host.wake();
  }

  /** Closes a replica, if it is open; whether it was. */
  boolean takeOut(long id) {
    Opened taken = opened.remove(id);
    if (taken == null) {
      return false;
    }
    forget(id);
    taken.log.close();
    taken.replica.close();
    forget(id);
    return true;
  }

  private void forget(long id) {
    partitions.remove(id);
    embryos.remove(id);
  }

  /** Interrupts what goes on in the background, and waits for its end. */
  void endBackgroundWork() {
    finishers.values().forEach(Thread::interrupt);
    finishers.values().forEach(Replicas::joinQuietly);
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops all logs. */
  void closeLogs() {
    opened.values().forEach(one -> one.log.close());
  }

  /** Frees the machines; the logs have stopped. */
  @Override
  public void close() {
    opened.values().forEach(one -> one.replica.close());
  }
}
