package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.Family;
import io.equator.node.core.FencedStore;
import io.equator.node.core.ForgottenPartition;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.Residence;
import io.equator.node.core.Residence.Opening;
import io.equator.node.core.StateReplacement;
import io.equator.node.core.StoreFlusher;
import io.equator.node.core.TreeStore;
import io.equator.node.core.WriteLimits;
import io.equator.node.service.CallObserver;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.MembershipEndpoint;
import io.equator.node.service.NodeEndpoint;
import io.equator.node.service.SplitEndpoint;
import io.equator.node.service.TransactionEndpoint;
import io.equator.node.snapshots.ArrivedState;
import io.equator.node.snapshots.Installer;
import io.equator.node.snapshots.ReplicaMachine;
import io.equator.partitioner.NodeId;
import io.equator.proto.CountStep;
import io.equator.proto.Effect;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.SplitReplica;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.sim.SimulatedHost;
import io.equator.replication.sim.Simulation;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A storage node from its start to its crash, as far as moves and splits go: the real core, replica
 * machine, installer and services over a store in memory, and a keeper that does what {@code
 * Replicas} does, by the same decisions.
 */
final class MoveNode implements HostedPartitions, TransactionWorld.Node {
  private static final WriteLimits LIMITS = new WriteLimits(4, 64 << 10, 2, 64, 1 << 20);
  private static final double PAUSES = 0.02;
  private static final double STALLS = 0.01;
  private static final long STALL_MAX = 400 * Simulation.MILLIS;
  private static final long KEEPER = 50 * Simulation.MILLIS;

  /** The store is the same, byte by byte, on every replica: it does not say whose it is. */
  private static final String NAME = "n";

  private final MoveRun run;
  private final Simulation simulation;
  private final SimulatedHost host;
  private final NodeId self;
  private final TreeStore store;
  private final LongSupplier wallMillis;
  private final StoreFlusher flusher;
  private final HybridClock clock;
  private final Installer installer;
  private final Map<Long, HostedPartition> partitions = new TreeMap<>();
  private final Map<Long, HostedPartition> embryos = new TreeMap<>();
  private final Map<Long, ReplicaMachine> replicas = new TreeMap<>();

  /** States that have come and are put in place by whoever asks for one next. */
  private final Map<Long, ArrivedState> arrived = new TreeMap<>();

  private final Set<Long> fetching = new HashSet<>();

  /** Partitions that the catalog gives to others and whose groups may still count this node. */
  private final Set<Long> counted = new TreeSet<>();

  /** Partitions of which somebody is asked at present. */
  private final Set<Long> busy = new TreeSet<>();

  private final NodeEndpoint endpoint;
  private final TransactionEndpoint transactions;
  private final SplitEndpoint splits;
  private final MembershipEndpoint membership;
  private boolean dead;

  MoveNode(MoveRun run, Simulation simulation, SimulatedHost host, TreeStore store) {
    this.run = run;
    this.simulation = simulation;
    this.host = host;
    this.self = host.node();
    this.store = store;
    this.wallMillis = () -> run.millis() + run.skew(self);
    this.flusher = new StoreFlusher(store);
    this.clock = new HybridClock(wallMillis, Duration.ofSeconds(1));
    this.installer = new Installer(store, this::takeArrived);
    this.endpoint =
        new NodeEndpoint(this, host, this::copy, simulation.executor(), CallObserver.NONE);
    this.transactions = new TransactionEndpoint(endpoint, this, store, this::copy, wallMillis);
    this.splits =
        new SplitEndpoint(
            this,
            store,
            new SplitEndpoint.Signs() {
              @Override
              public boolean changesNeeded(HostedPartition sealed) {
                return run.isRead(sealed.machine().partition());
              }

              @Override
              public void add(HostedPartition replica, SplitReplica.Builder status) {}
            });
    this.membership =
        new MembershipEndpoint(
            new MembershipEndpoint.Self(self, ByteString.EMPTY, "simulated", 0),
            this,
            host,
            () -> copy().revision(),
            wallMillis,
            () -> 0);
    keep();
  }

  private CatalogSnapshot copy() {
    return run.copy(self);
  }

  @Override
  public NodeEndpoint endpoint() {
    return endpoint;
  }

  @Override
  public TransactionEndpoint transactions() {
    return transactions;
  }

  SplitEndpoint splits() {
    return splits;
  }

  MembershipEndpoint membership() {
    return membership;
  }

  TreeStore store() {
    return store;
  }

  void die() {
    dead = true;
  }

  /** What is durable by then is not needed in the logs. */
  void flush() {
    flusher.flush();
    partitions.values().forEach(hosted -> hosted.log().requestSnapshot());
    embryos.values().forEach(hosted -> hosted.log().requestSnapshot());
  }

  @Override
  public @Nullable HostedPartition partition(long id) {
    return partitions.get(id);
  }

  @Override
  public @Nullable HostedPartition embryo(long id) {
    return embryos.get(id);
  }

  @Override
  public Collection<HostedPartition> embryos() {
    return embryos.values();
  }

  @Override
  public Collection<HostedPartition> all() {
    return partitions.values();
  }

  @Override
  public Optional<String> unfit() {
    return Optional.empty();
  }

  // ---- the keeper

  private void keep() {
    if (dead) {
      return;
    }
    CatalogSnapshot snapshot = copy();
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      long id = partition.getPartitionId();
      boolean here = Residence.isHere(self, partition) || counted.contains(id);
      if (here && !replicas.containsKey(id) && !busy.contains(id)) {
        open(partition);
      }
    }
    Residence.found(store)
        .forEach(
            (id, descriptor) -> {
              Optional<PartitionDescriptor> partition = snapshot.partitionDescriptor(id);
              if (busy.contains(id)) {
                return;
              }
              boolean hasty =
                  run.has(MoveBug.ERASE_BEFORE_THE_MEMBERS_HAVE_CHANGED)
                      && partition
                          .filter(each -> each.getLeavingNodeId().equals(self.value()))
                          .isPresent();
              if (hasty) {
                erase(id, descriptor);
              } else if (Residence.hasLeft(self, store, id, partition)) {
                leave(id, descriptor);
              }
            });
    for (HostedPartition partition : List.copyOf(partitions.values())) {
      if (partition.leadsOwner() && partition.machine().isCounting()) {
        submit(
            partition, Effect.newBuilder().setCountStep(CountStep.newBuilder().setRows(7)).build());
      }
    }
    simulation.after(KEEPER, this::keep);
  }

  private static void submit(HostedPartition partition, Effect effect) {
    var _ = partition.writer().submit(effect);
  }

  private void leave(long id, Descriptor descriptor) {
    if (run.has(MoveBug.ERASE_BY_AN_OLD_COPY)) {
      erase(id, descriptor);
      return;
    }
    busy.add(id);
    run.askTruth(
        id,
        truth -> {
          busy.remove(id);
          if (dead || truth.isEmpty() || !Residence.hasLeft(self, store, id, truth.get())) {
            return;
          }
          boolean hasty =
              run.has(MoveBug.ERASE_WITHOUT_ASKING_THE_GROUP)
                  || run.has(MoveBug.END_BEFORE_THE_MEMBERS_HAVE_CHANGED);
          if (truth.get().isEmpty() || hasty) {
            erase(id, descriptor);
            return;
          }
          PartitionDescriptor now = truth.get().get();
          ifOut(
              id,
              now,
              () -> {
                close(id);
                if (Residence.hasLeft(self, store, id, truth.get())) {
                  ifOut(id, now, () -> erase(id, descriptor));
                }
              });
        });
  }

  /** When the group does not count this node. */
  private void ifOut(long id, PartitionDescriptor partition, Runnable then) {
    busy.add(id);
    run.askGroup(
        self,
        partition,
        out -> {
          busy.remove(id);
          if (dead) {
            return;
          }
          if (out) {
            counted.remove(id);
            then.run();
          } else if (host.has(GroupId.ofPartition(id))) {
            counted.add(id);
          }
        });
  }

  private void close(long id) {
    ReplicaMachine replica = replicas.remove(id);
    partitions.remove(id);
    embryos.remove(id);
    host.close(GroupId.ofPartition(id));
    if (replica != null) {
      replica.close();
    }
  }

  private void erase(long id, Descriptor descriptor) {
    simulation.note(self + " gives up partition " + id);
    close(id);
    host.discard(GroupId.ofPartition(id));
    ForgottenPartition.remove(store, id, descriptor);
  }

  private void open(PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    GroupId group = GroupId.ofPartition(id);
    Descriptor named =
        new Descriptor(
            partition.getEpoch(),
            partition.getRingId(),
            partition.getFirstToken(),
            partition.getLastToken());
    List<Peer> founders =
        partition.getReplicaNodeIdsList().stream()
            .map(node -> new Peer(new NodeId(node), node))
            .toList();
    Opening opening = Residence.opening(self, store, partition, host.has(group));
    boolean over = opening != Opening.AFTER_ITS_STATE && opening != Opening.AFTER_FORGETTING;
    if (over && Residence.isInTheWay(self, store, partition, copy()::partitionDescriptor)) {
      return;
    }
    simulation.note(self + " opens partition " + id + ": " + opening);
    switch (opening) {
      case AS_MEMBER -> open(partition, named, founders);
      case AS_FOUNDER -> {
        if (run.has(MoveBug.OPEN_BY_AN_OLD_COPY)) {
          open(partition, named, founders);
          return;
        }
        busy.add(id);
        run.askTruth(
            id,
            truth -> {
              busy.remove(id);
              boolean member =
                  truth.isPresent()
                      && truth.get().filter(each -> Residence.isMember(self, each)).isPresent();
              if (!dead && member && !replicas.containsKey(id)) {
                open(partition, named, founders);
              }
            });
      }
      case TO_JOIN ->
          open(
              partition,
              named,
              run.has(MoveBug.JOIN_AS_A_VOTER) ? with(founders, self) : List.of());
      case AFTER_ITS_STATE -> {
        if (run.has(MoveBug.JOIN_A_SPLIT_ONE_BY_ITS_LOG)) {
          open(partition, named, List.of());
          return;
        }
        StateReplacement.awaitSealed(store, id, named, NAME, Residence.end(partition));
        host.begin(group);
      }
      case AFTER_FORGETTING -> ForgottenPartition.remove(store, id, named);
      case NOT_AT_ALL -> throw new AssertionError(self + " has lost the log of partition " + id);
    }
  }

  private static List<Peer> with(List<Peer> peers, NodeId one) {
    List<Peer> more = new java.util.ArrayList<>(peers);
    more.add(new Peer(one, one.value()));
    return more;
  }

  private void open(PartitionDescriptor partition, Descriptor named, List<Peer> members) {
    long id = partition.getPartitionId();
    Descriptor descriptor = MetaRows.settle(store, id, named, partition.getParentId(), NAME);
    if (installer.isUnfinished(id)) {
      finish(partition, descriptor);
      return;
    }
    ReplicatedLog[] log = {null};
    ReplicaMachine replica =
        new ReplicaMachine(
            id,
            descriptor,
            flusher,
            installer,
            new ReplicaMachine.Host() {
              @Override
              public void show(PartitionMachine machine, FencedStore view) {
                if (log[0] != null) {
                  serve(log[0], machine, view);
                }
              }

              @Override
              public void hide() {
                partitions.remove(id);
                embryos.remove(id);
              }

              @Override
              public boolean keeps(long other) {
                return MetaRows.isThere(store, other)
                    || copy()
                        .partitionDescriptor(other)
                        .filter(each -> Residence.isHere(self, each))
                        .isPresent();
              }

              @Override
              public List<NodeId> sources() {
                return copy().partitionDescriptor(id).stream()
                    .flatMap(each -> each.getReplicaNodeIdsList().stream())
                    .map(NodeId::new)
                    .filter(node -> !node.equals(self))
                    .toList();
              }
            },
            Runnable::run);
    replicas.put(id, replica);
    log[0] = host.open(GroupId.ofPartition(id), new Driven(replica, descriptor, id), members);
    replica.show();
  }

  /** Again and again, until the state has come. */
  private void finish(PartitionDescriptor partition, Descriptor descriptor) {
    GroupId group = GroupId.ofPartition(partition.getPartitionId());
    List<NodeId> others =
        partition.getReplicaNodeIdsList().stream()
            .map(NodeId::new)
            .filter(node -> !node.equals(self))
            .toList();
    try {
      var _ =
          installer.finish(
              partition.getPartitionId(),
              descriptor,
              others,
              end -> host.align(group, new LogPosition(end.term(), end.index())));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void serve(ReplicatedLog log, PartitionMachine machine, FencedStore view) {
    PartitionWriter writer =
        new PartitionWriter(
            new PausingLog(log, simulation, PAUSES),
            machine,
            view,
            clock,
            () -> 1,
            wallMillis,
            LIMITS,
            end -> simulation.after(30 * Simulation.MILLIS, end));
    (machine.waits() ? embryos : partitions)
        .put(
            machine.partition(),
            new HostedPartition(
                log,
                machine,
                writer,
                new PartitionReader(view, machine.descriptor()),
                new ChangeReader(machine, view)));
  }

  // ---- states of others

  /** A state of this node's replica, if it has one that can be given. */
  Optional<MoveState> give(long id, long epoch, long atLeastIndex) {
    HostedPartition hosted = partitions.get(id);
    if (hosted == null
        || hosted.descriptor().epoch() != epoch
        || hosted.machine().appliedPosition().index() < atLeastIndex) {
      return Optional.empty();
    }
    return Optional.of(MoveState.of(hosted.machine()));
  }

  private Optional<ArrivedState> takeArrived(
      long id, Descriptor descriptor, long atLeastIndex, List<NodeId> sources) {
    ArrivedState state = arrived.remove(id);
    if (state != null && state.position().index() >= atLeastIndex) {
      return Optional.of(state);
    }
    fetch(id, descriptor, atLeastIndex, sources, () -> {});
    return Optional.empty();
  }

  /** Asks one after the other, and notes what came; once for each partition at a time. */
  private void fetch(
      long id, Descriptor descriptor, long atLeastIndex, List<NodeId> sources, Runnable then) {
    if (sources.isEmpty() || !fetching.add(id)) {
      simulation.after(KEEPER, then);
      return;
    }
    run.fetchState(
        self,
        sources.getFirst(),
        id,
        descriptor.epoch(),
        atLeastIndex,
        state -> {
          fetching.remove(id);
          if (dead) {
            return;
          }
          if (state.isPresent()) {
            arrived.put(id, state.get().into(store, id));
            then.run();
          } else {
            List<NodeId> others = sources.subList(1, sources.size());
            fetch(id, descriptor, atLeastIndex, others, then);
          }
        });
  }

  /** The replica as its log drives it: it stalls, and gets states over the network. */
  private final class Driven implements LogMachine {
    private final ReplicaMachine replica;
    private final Descriptor descriptor;
    private final long id;
    private long stalledUntil;

    Driven(ReplicaMachine replica, Descriptor descriptor, long id) {
      this.replica = replica;
      this.descriptor = descriptor;
      this.id = id;
    }

    @Override
    public boolean mayApply(long term, long index, ByteString entry) {
      if (simulation.now() < stalledUntil) {
        return false;
      }
      if (run.isFaulty() && simulation.chance(STALLS)) {
        // What is committed waits here, also at a leader, while others go on.
        stalledUntil = simulation.now() + simulation.between(0, STALL_MAX);
      }
      return replica.mayApply(term, index, entry);
    }

    @Override
    public Object apply(long term, long index, ByteString entry) {
      return replica.apply(term, index, entry);
    }

    @Override
    public void advance(long term, long index) {
      replica.advance(term, index);
    }

    @Override
    public LogPosition durablePosition() {
      return replica.durablePosition();
    }

    @Override
    public LogPosition flush() {
      return replica.flush();
    }

    @Override
    public void leadershipChanged(Leadership leadership) {
      replica.leadershipChanged(leadership);
    }

    @Override
    public CompletableFuture<Optional<LogPosition>> install(
        long atLeastIndex, List<NodeId> sources) {
      CompletableFuture<Optional<LogPosition>> result = new CompletableFuture<>();
      fetch(
          id,
          descriptor,
          atLeastIndex,
          sources,
          () -> replica.install(atLeastIndex, sources).thenAccept(result::complete));
      return result;
    }
  }

  /** Whether this store has nothing at all. */
  boolean isEmpty() {
    for (Family family : Family.values()) {
      if (!store.all(family).isEmpty()) {
        return false;
      }
    }
    return true;
  }
}
