package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.StoreFlusher;
import io.equator.node.core.TransactionFaults;
import io.equator.node.core.TreeStore;
import io.equator.node.core.WriteLimits;
import io.equator.node.service.CallObserver;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.NodeEndpoint;
import io.equator.node.service.TransactionEndpoint;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A storage node with several partitions in one store, from its start to its crash. */
final class TransactionNode implements HostedPartitions, TransactionWorld.Node {
  private static final WriteLimits LIMITS = new WriteLimits(4, 64 << 10, 2, 64, 1 << 20);
  private static final double PAUSES = 0.02;

  private final TreeStore store;
  private final StoreFlusher flusher;
  private final Map<Long, HostedPartition> partitions = new TreeMap<>();
  private final NodeEndpoint endpoint;
  private final TransactionEndpoint transactions;

  TransactionNode(
      Simulation simulation,
      SimulatedHost host,
      List<Peer> members,
      TreeStore store,
      CatalogSnapshot catalog,
      Map<Long, Descriptor> descriptors,
      LongSupplier wallMillis,
      Set<TransactionBug> bugs) {
    this.store = store;
    this.flusher = new StoreFlusher(store);
    HybridClock clock = new HybridClock(wallMillis, Duration.ofSeconds(1));
    descriptors.forEach(
        (id, descriptor) -> {
          PartitionMachine machine = new PartitionMachine(id, descriptor, store, flusher);
          ReplicatedLog log =
              host.open(GroupId.ofPartition(id), new Faulty(machine, bugs), members);
          PartitionWriter writer =
              new PartitionWriter(
                  new PausingLog(log, simulation, PAUSES),
                  machine,
                  store,
                  clock,
                  () -> 1,
                  wallMillis,
                  LIMITS,
                  end -> simulation.after(30 * Simulation.MILLIS, end));
          partitions.put(
              id,
              new HostedPartition(
                  log,
                  machine,
                  writer,
                  new PartitionReader(store, descriptor),
                  new ChangeReader(machine, store)));
        });
    this.endpoint =
        new NodeEndpoint(this, host, () -> catalog, simulation.executor(), CallObserver.NONE);
    this.transactions = new TransactionEndpoint(endpoint, this, store, () -> catalog, wallMillis);
  }

  @Override
  public NodeEndpoint endpoint() {
    return endpoint;
  }

  @Override
  public TransactionEndpoint transactions() {
    return transactions;
  }

  TreeStore store() {
    return store;
  }

  void flush() {
    flusher.flush();
  }

  void stepDown(long partition) {
    HostedPartition hosted = partitions.get(partition);
    if (hosted != null) {
      hosted.log().stepDown();
    }
  }

  List<LogPosition> positions() {
    List<LogPosition> positions = new ArrayList<>();
    partitions.values().forEach(hosted -> positions.add(hosted.machine().appliedPosition()));
    return positions;
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
    return Optional.empty();
  }

  /** The machine with what is broken in it. */
  private record Faulty(PartitionMachine machine, Set<TransactionBug> bugs) implements LogMachine {
    @Override
    public Object apply(long term, long index, ByteString entry) {
      if (bugs.contains(TransactionBug.FORGET_THE_FINISHED)) {
        TransactionFaults.forgetFinished(machine);
      }
      return machine.apply(term, index, entry);
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
      if (bugs.contains(TransactionBug.LOSE_LOCKS_WITH_THE_LEADER)) {
        TransactionFaults.loseLocks(machine);
      }
      machine.leadershipChanged(leadership);
    }
  }
}
