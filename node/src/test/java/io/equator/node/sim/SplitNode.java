package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.changes.StreamEndpoint;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.EntryOutcome;
import io.equator.node.core.FencedStore;
import io.equator.node.core.ForgottenPartition;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.SplitFaults;
import io.equator.node.core.SplitRows;
import io.equator.node.core.StoreFlusher;
import io.equator.node.core.TransactionFaults;
import io.equator.node.core.TreeStore;
import io.equator.node.core.WriteLimits;
import io.equator.node.indexes.IndexEndpoint;
import io.equator.node.indexes.IndexPumps;
import io.equator.node.service.CallObserver;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.NodeEndpoint;
import io.equator.node.service.SplitEndpoint;
import io.equator.node.service.TransactionEndpoint;
import io.equator.node.snapshots.Installer;
import io.equator.node.snapshots.ReplicaMachine;
import io.equator.partitioner.NodeId;
import io.equator.proto.CountStep;
import io.equator.proto.Effect;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionEntry;
import io.equator.proto.RequireSchema;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A storage node from its start to its crash, as far as splits go: the real core, replica machine
 * and services over a store in memory, and what the node's keeper does.
 */
final class SplitNode implements HostedPartitions, TransactionWorld.Node {
  private static final WriteLimits LIMITS = new WriteLimits(4, 64 << 10, 2, 64, 1 << 20);
  private static final double PAUSES = 0.02;
  private static final double STALLS = 0.01;
  private static final long STALL_MAX = 600 * Simulation.MILLIS;
  private static final long KEEPER = 40 * Simulation.MILLIS;

  /** The store is the same, byte by byte, on every replica: it does not say whose it is. */
  private static final String NAME = "n";

  private final Simulation simulation;
  private final SimulatedHost host;
  private final List<Peer> members;
  private final TreeStore store;
  private final Supplier<CatalogSnapshot> catalog;
  private final LongSupplier wallMillis;
  private final Set<SplitBug> bugs;
  private final StoreFlusher flusher;
  private final HybridClock clock;
  private final Installer installer;
  private final Map<Long, HostedPartition> partitions = new TreeMap<>();
  private final Map<Long, HostedPartition> embryos = new TreeMap<>();
  private final Map<Long, ReplicaMachine> replicas = new TreeMap<>();
  private final NodeEndpoint endpoint;
  private final TransactionEndpoint transactions;
  private final SplitEndpoint splits;
  private final IndexEndpoint indexes;
  private final @Nullable IndexPumps pumps;
  private final @Nullable ChangeTrimmer trimmer;
  private final @Nullable StreamLayer streams;
  private final @Nullable IndexDriver indexDriver;
  private boolean dead;

  SplitNode(
      Simulation simulation,
      SimulatedHost host,
      List<Peer> members,
      TreeStore store,
      Supplier<CatalogSnapshot> catalog,
      LongSupplier wallMillis,
      Set<SplitBug> bugs,
      @Nullable IndexDriver driver,
      @Nullable StreamDriver streamDriver) {
    this.simulation = simulation;
    this.host = host;
    this.members = members;
    this.store = store;
    this.catalog = catalog;
    this.wallMillis = wallMillis;
    this.bugs = bugs;
    this.flusher = new StoreFlusher(store);
    this.clock = new HybridClock(wallMillis, Duration.ofSeconds(1));
    this.installer = new Installer(store, Path.of("nowhere"), _ -> null);
    this.endpoint = new NodeEndpoint(this, host, catalog, simulation.executor(), CallObserver.NONE);
    this.transactions = new TransactionEndpoint(endpoint, this, store, catalog, wallMillis);
    this.indexes = new IndexEndpoint(this, catalog);
    this.indexDriver = driver;
    this.pumps = driver == null ? null : driver.pumps(catalog);
    this.trimmer = driver == null || pumps == null ? null : driver.trimmer(pumps);
    this.streams =
        streamDriver == null
            ? null
            : streamDriver.layer(host.node(), this, store, catalog, wallMillis);
    this.splits =
        new SplitEndpoint(
            this,
            store,
            new SplitEndpoint.Signs() {
              @Override
              public boolean changesNeeded(HostedPartition sealed) {
                return (streams != null && streams.needs(sealed))
                    || (pumps != null
                        && (pumps.neededFrom(sealed, 7) != ChangeNeed.NOTHING
                            || pumps.neededFrom(sealed, 9) != ChangeNeed.NOTHING));
              }

              @Override
              public void add(HostedPartition replica, SplitReplica.Builder status) {}
            });
    keep();
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

  IndexEndpoint indexes() {
    return indexes;
  }

  StreamEndpoint streams() {
    return Objects.requireNonNull(streams).endpoint();
  }

  TreeStore store() {
    return store;
  }

  void flush() {
    flusher.flush();
  }

  void die() {
    dead = true;
    if (pumps != null) {
      pumps.close();
    }
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
    CatalogSnapshot snapshot = catalog.get();
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      if (!replicas.containsKey(partition.getPartitionId())) {
        open(partition);
      }
    }
    for (long id : MetaRows.partitions(store)) {
      if (snapshot.partitionDescriptor(id).isEmpty()
          && SplitRows.sealed(store, id) != null
          && !SplitRows.isWaitedFor(store, id)) {
        leave(id);
      }
    }
    for (HostedPartition partition : List.copyOf(partitions.values())) {
      if (partition.leadsOwner() && partition.machine().isCounting()) {
        submit(
            partition, Effect.newBuilder().setCountStep(CountStep.newBuilder().setRows(7)).build());
      }
      if (partition.leadsOwner() && partition.machine().schemaFloor(9) == 0) {
        submit(
            partition,
            Effect.newBuilder()
                .setRequireSchema(RequireSchema.newBuilder().setTableId(9).setSchemaVersion(1))
                .build());
      }
    }
    if (pumps != null && trimmer != null) {
      pumps.look(partitions.values());
      partitions.values().stream().filter(HostedPartition::leads).forEach(trimmer::trim);
    }
    if (streams != null) {
      streams.look(partitions.values());
    }
    simulation.after(KEEPER, this::keep);
  }

  private static void submit(HostedPartition partition, Effect effect) {
    var _ = partition.writer().submit(effect);
  }

  private void leave(long id) {
    simulation.note("partition " + id + " goes");
    host.discard(GroupId.ofPartition(id));
    ReplicaMachine replica = replicas.remove(id);
    partitions.remove(id);
    if (replica != null) {
      replica.close();
    }
    Descriptor descriptor = MetaRows.descriptor(store, id);
    ForgottenPartition.remove(store, id, descriptor);
    if (bugs.contains(SplitBug.THROW_THE_ROWS_AWAY)) {
      SplitFaults.deleteItems(store, 9, descriptor.firstToken(), descriptor.lastToken());
    }
  }

  private void open(PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    Descriptor descriptor =
        MetaRows.settle(
            store,
            id,
            new Descriptor(
                partition.getEpoch(),
                partition.getRingId(),
                partition.getFirstToken(),
                partition.getLastToken()),
            partition.getParentId(),
            NAME);
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
                return true;
              }
            });
    replicas.put(id, replica);
    log[0] = host.open(GroupId.ofPartition(id), new Faulty(replica, partition), members);
    replica.show();
  }

  private void serve(ReplicatedLog log, PartitionMachine machine, FencedStore view) {
    PartitionWriter writer =
        new PartitionWriter(
            new PausingLog(
                log,
                simulation,
                PAUSES,
                entry -> {
                  if (indexDriver != null) {
                    indexDriver.proposed(entry);
                  }
                }),
            machine,
            view,
            clock,
            () -> 1,
            wallMillis,
            LIMITS,
            end -> simulation.after(30 * Simulation.MILLIS, end));
    if (pumps != null) {
      machine.onChanges(table -> pumps.changed(machine.partition(), table));
    }
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

  /** The replica with what is broken in it. */
  private final class Faulty implements LogMachine {
    private final ReplicaMachine replica;
    private final PartitionDescriptor partition;
    private long stalledUntil;

    Faulty(ReplicaMachine replica, PartitionDescriptor partition) {
      this.replica = replica;
      this.partition = partition;
    }

    private boolean activates(ByteString entry) {
      try {
        return PartitionEntry.parseFrom(entry).getEffectsList().stream()
            .anyMatch(Effect::hasActivatePartition);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public boolean mayApply(long term, long index, ByteString entry) {
      if (simulation.now() < stalledUntil) {
        return false;
      }
      if (simulation.chance(STALLS)) {
        // What is committed waits here, also at a leader, while others go on.
        stalledUntil = simulation.now() + simulation.between(0, STALL_MAX);
      }
      return bugs.contains(SplitBug.ACTIVATE_BEFORE_THE_PARENT_IS_SEALED_HERE)
          || replica.mayApply(term, index, entry);
    }

    @Override
    public Object apply(long term, long index, ByteString entry) {
      long id = partition.getPartitionId();
      HostedPartition hosted = partitions.get(id);
      if (bugs.contains(SplitBug.WRITE_BEHIND_THE_SEAL) && hosted != null) {
        SplitFaults.unseal(hosted.machine());
      }
      boolean activating = embryos.containsKey(id) && activates(entry);
      boolean early =
          bugs.contains(SplitBug.ACTIVATE_BEFORE_THE_PARENT_IS_SEALED_HERE)
              && activating
              && !SplitRows.handover(store, id);
      if (early) {
        SplitFaults.pretendHandover(
            store, partition.getParentId(), id, SplitRun.seal(catalog.get(), partition), true);
      }
      if (activating) {
        spoil();
      }
      List<StreamTruth.Change> changes =
          streams == null ? List.of() : streams.before(id, index, entry);
      Object outcome = replica.apply(term, index, entry);
      if (indexDriver != null && outcome == EntryOutcome.APPLIED) {
        indexDriver.applied(entry);
      }
      if (streams != null) {
        streams.applied(id, index, outcome == EntryOutcome.APPLIED ? changes : List.of());
      }
      if (early) {
        SplitFaults.pretendHandover(
            store, partition.getParentId(), id, SplitRun.seal(catalog.get(), partition), false);
      }
      HostedPartition heir = partitions.get(id);
      if (outcome == EntryOutcome.ACTIVATED
          && heir != null
          && bugs.contains(SplitBug.FORGET_THE_LOCKS)) {
        TransactionFaults.loseLocks(heir.machine());
      }
      return outcome;
    }

    /** Before the heir copies them, some rows of the sealed parent are gone. */
    private void spoil() {
      long parent = partition.getParentId();
      if (bugs.contains(SplitBug.FORGET_THE_REQUESTS)) {
        SplitFaults.forgetRequests(store, parent);
      }
      if (bugs.contains(SplitBug.FORGET_THE_DELETIONS)) {
        SplitFaults.forgetDeletions(store, parent);
      }
      if (bugs.contains(SplitBug.FORGET_THE_FINISHED)) {
        SplitFaults.forgetFinished(store, parent);
      }
      if (bugs.contains(SplitBug.LOSE_A_PART_OF_THE_HANDOVER)
          && host.node().equals(new NodeId("a"))) {
        SplitFaults.forgetFloors(store, parent);
      }
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
  }
}
