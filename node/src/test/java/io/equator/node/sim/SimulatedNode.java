package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.StoreFlusher;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.node.core.WriteLimits;
import io.equator.node.service.CallObserver;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.NodeEndpoint;
import io.equator.proto.PartitionEntry;
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
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A storage node from its start to its crash: the real core and service, a store in memory. */
final class SimulatedNode implements HostedPartitions {

  static final long PARTITION = 1;

  /** Small, so that entries fill and queues form. */
  private static final WriteLimits LIMITS = new WriteLimits(4, 64 << 10, 2, 64, 1 << 20);

  private static final double PAUSES = 0.03;

  /** More often, so that what the guard prevents is soon seen. */
  private static final double PAUSES_WITHOUT_GUARD = 0.3;

  private final TreeStore store;
  private final StoreFlusher flusher;
  private final HostedPartition hosted;
  private final NodeEndpoint endpoint;

  SimulatedNode(
      Simulation simulation,
      SimulatedHost host,
      List<Peer> members,
      TreeStore store,
      CatalogSnapshot catalog,
      LongSupplier wallMillis,
      boolean termGuard) {
    this.store = store;
    this.flusher = new StoreFlusher(store);
    PartitionMachine machine =
        new PartitionMachine(PARTITION, TestTables.EVERYTHING, store, flusher);
    ReplicatedLog log =
        host.open(
            GroupId.ofPartition(PARTITION),
            termGuard ? machine : new WithoutTermGuard(machine),
            members);
    PartitionWriter writer =
        new PartitionWriter(
            new PausingLog(log, simulation, termGuard ? PAUSES : PAUSES_WITHOUT_GUARD),
            machine,
            store,
            new HybridClock(wallMillis, Duration.ofSeconds(1)),
            1,
            wallMillis,
            LIMITS);
    this.hosted =
        new HostedPartition(
            log,
            machine,
            writer,
            new PartitionReader(store, TestTables.EVERYTHING),
            new ChangeReader(machine, store));
    this.endpoint =
        new NodeEndpoint(this, host, () -> catalog, simulation.executor(), CallObserver.NONE);
  }

  NodeEndpoint endpoint() {
    return endpoint;
  }

  TreeStore store() {
    return store;
  }

  PartitionMachine machine() {
    return hosted.machine();
  }

  ReplicatedLog log() {
    return hosted.log();
  }

  void flush() {
    flusher.flush();
  }

  @Override
  public @Nullable HostedPartition partition(long id) {
    return id == PARTITION ? hosted : null;
  }

  @Override
  public Collection<HostedPartition> all() {
    return List.of(hosted);
  }

  @Override
  public Optional<String> unfit() {
    return Optional.empty();
  }

  /** The machine as it would be without its term guard: an entry always looks decided in time. */
  private record WithoutTermGuard(PartitionMachine machine) implements LogMachine {
    @Override
    public Object apply(long term, long index, ByteString entry) {
      try {
        return machine.apply(
            term,
            index,
            PartitionEntry.parseFrom(entry).toBuilder()
                .setDecidedTerm(term)
                .setSequence(index + 1)
                .build()
                .toByteString());
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void advance(long term, long index) {
      machine.advance(term, index);
    }

    @Override
    public LogPosition durablePosition() {
      return machine.durablePosition();
    }

    @Override
    public LogPosition flush() {
      return machine.flush();
    }

    @Override
    public void leadershipChanged(Leadership leadership) {
      machine.leadershipChanged(leadership);
    }
  }
}
