package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.coordinator.transactions.TransactionLimits;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.TransactionFaults;
import io.equator.node.core.TreeStore;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Ring;
import io.equator.partitioner.TokenRange;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ListLocksRequest;
import io.equator.proto.ListLocksResponse;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.Peer;
import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.SimulatedCluster;
import io.equator.replication.sim.SimulatedHost;
import io.equator.replication.sim.SimulatedNetwork;
import io.equator.replication.sim.Simulation;
import io.equator.replication.sim.Trace;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One simulated run of a bank: three nodes with three partitions, coordinators that pause and die,
 * clients that move money in transactions, read all accounts in one, and write single items; and
 * messages that come late and twice. Then everything heals, and the books are checked.
 *
 * <p>Each transfer also puts a <i>slip</i>, an item that must not be there yet. A client that knows
 * its transfer made sometimes tears the slip up: a late copy of the transfer would then find
 * nothing in its way but the protocol.
 */
final class TransactionRun implements TransactionWorld {
  private static final int PARTITIONS = 3;
  private static final long FAULTY_TIME = 10_000 * Simulation.MILLIS;
  private static final long HEALED_TIME = 7_000 * Simulation.MILLIS;
  private static final long QUIET_TIME = 12_000 * Simulation.MILLIS;
  private static final long SWEEP = 300 * Simulation.MILLIS;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;
  private static final long CLOCK_SKEW_MILLIS = 100;
  private static final TransactionLimits LIMITS =
      new TransactionLimits(600, 1_000, 600_000, 60_000, 8);

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final Set<TransactionBug> bugs;
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, TransactionNode> nodes = new TreeMap<>();
  private final Map<NodeId, Long> skews = new HashMap<>();
  private final Map<Long, Descriptor> descriptors = new TreeMap<>();
  private final CatalogSnapshot catalog;
  private final Bank bank;
  private final List<String> wrong = new ArrayList<>();
  private SimulatedAccess access;
  private TransactionEngine engine;
  private boolean faulty = true;
  private boolean asking = true;
  private long nextRequest = 1;

  TransactionRun(long seed, Set<TransactionBug> bugs) {
    this.simulation = new Simulation(seed);
    this.bugs = bugs;
    this.network =
        new SimulatedNetwork(
            simulation,
            new SimulatedNetwork.Faults(
                simulation.between(1, 10) * Simulation.MILLIS,
                0.05,
                simulation.chance(0.5) ? 0.02 : 0));
    this.cluster =
        new SimulatedCluster(
            simulation,
            network,
            Set.<PlantedBug>of(),
            (group, cause) -> {
              throw new AssertionError(group + " failed", cause);
            });
    for (String name : List.of("a", "b", "c")) {
      NodeId node = new NodeId(name);
      members.add(new Peer(node, name));
      skews.put(node, simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS));
    }
    this.catalog = CatalogSnapshot.empty().with(catalogEvent());
    this.bank = new Bank(this, simulation, catalog.table(7).orElseThrow(), wrong);
    this.access = new SimulatedAccess(this, simulation);
    this.engine = newEngine(access);
  }

  private CatalogEvent catalogEvent() {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(1).setFull(true);
    event.addPuts(CatalogObject.newBuilder().setKey("table/table7").setTable(TestTables.plain(7)));
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder()
            .setRingId(1)
            .setHashAlgorithm(1)
            .setHashSeed(ByteString.copyFrom(new byte[16]));
    List<TokenRange> ranges = Ring.evenRanges(PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      long id = i + 1L;
      ring.addPartitionIds(id);
      long first = ranges.get(i).first().bits();
      long last = ranges.get(i).last().bits();
      descriptors.put(id, new Descriptor(1, 1, first, last));
      PartitionDescriptor.Builder partition =
          PartitionDescriptor.newBuilder()
              .setPartitionId(id)
              .setEpoch(1)
              .setRingId(1)
              .setFirstToken(first)
              .setLastToken(last);
      members.forEach(member -> partition.addReplicaNodeIds(member.node().value()));
      event.addPuts(CatalogObject.newBuilder().setKey("partition/" + id).setPartition(partition));
    }
    return event.addPuts(CatalogObject.newBuilder().setKey("ring/1").setRing(ring)).build();
  }

  private TransactionEngine newEngine(SimulatedAccess of) {
    long skew = simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS);
    return new TransactionEngine(
        of,
        LIMITS,
        new HybridClock(() -> millis() + skew, Duration.ofSeconds(1)),
        simulation.random());
  }

  /** Runs to the end; what was wrong, empty when nothing was. */
  String run() {
    members.forEach(member -> start(member.node(), new TreeStore()));
    for (int owner = 0; owner < Bank.OWNERS; owner++) {
      bank.open("a" + owner, 1);
      bank.open("a" + owner, 2);
    }
    while (!bank.isOpen()) {
      simulation.runUntil(simulation.now() + 10 * Simulation.MILLIS);
    }
    simulation.after(pause(), this::breakSomething);
    simulation.after(pause(), this::flushSomewhere);
    simulation.after(SWEEP, this::sweep);
    simulation.runUntil(FAULTY_TIME);
    faulty = false;
    network.heal();
    members.forEach(member -> restart(member.node()));
    int before = bank.committed();
    simulation.runUntil(FAULTY_TIME + HEALED_TIME);
    if (bank.committed() == before) {
      wrong.add("nothing was committed after everything had healed");
    }
    asking = false;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME + QUIET_TIME);
    bank.checkBooks(nodes.values().iterator().next().store());
    checkNothingIsLeft();
    return String.join("; ", wrong);
  }

  Bank bank() {
    return bank;
  }

  Trace trace() {
    return simulation.trace();
  }

  // ---- what the access needs
  // -----------------------------------------------------------------------

  @Override
  public CatalogSnapshot catalog() {
    return catalog;
  }

  @Override
  public SimulatedAccess access() {
    return access;
  }

  @Override
  public TransactionEngine engine() {
    return engine;
  }

  @Override
  public boolean isAsking() {
    return asking;
  }

  @Override
  public boolean has(TransactionBug bug) {
    return bugs.contains(bug);
  }

  @Override
  public boolean isFaulty() {
    return faulty;
  }

  @Override
  public long nextRequestId() {
    return nextRequest++;
  }

  @Override
  public long millis() {
    return EPOCH_MILLIS + simulation.now() / Simulation.MILLIS;
  }

  @Override
  public NodeId anyNode() {
    return members.get(simulation.random().nextInt(members.size())).node();
  }

  @Override
  public <A> void deliver(NodeId node, long late, ServiceCall<A> call, Consumer<A> reply) {
    simulation.after(
        network.delay() + late,
        () -> {
          SimulatedHost host = cluster.host(node);
          if (host == null || lost()) {
            return;
          }
          call.to(nodes.get(node))
              .accept(
                  new Once<>(
                      answer -> {
                        if (cluster.host(node) == host && !lost()) {
                          simulation.after(network.delay(), () -> reply.accept(answer));
                        }
                      }));
        });
  }

  private boolean lost() {
    return faulty && simulation.chance(0.02);
  }

  @Override
  public void write(Node node, WriteRequest request, StreamObserver<WriteResponse> reply) {
    if (!bugs.contains(TransactionBug.WRITE_THROUGH_LOCKS)) {
      node.endpoint().write(request, reply);
      return;
    }
    var hosted = node.partition(request.getPartition().getPartitionId());
    if (hosted != null) {
      TransactionFaults.withoutLocks(hosted.machine(), () -> node.endpoint().write(request, reply));
    }
  }

  // ---- faults
  // ---------------------------------------------------------------------------------------

  private void breakSomething() {
    if (!faulty) {
      return;
    }
    NodeId node = anyNode();
    switch (simulation.random().nextInt(10)) {
      case 0, 1 -> crash(node);
      case 2 -> members.forEach(member -> crash(member.node()));
      case 3, 4 -> {
        network.isolate(node);
        simulation.after(pause(), () -> network.rejoin(node));
      }
      case 5, 6 -> access.pause(simulation.between(0, 2_000 * Simulation.MILLIS));
      case 7 -> {
        simulation.note("the coordinator dies");
        access.die();
        access = new SimulatedAccess(this, simulation);
        engine = newEngine(access);
      }
      default -> {
        if (cluster.host(node) != null) {
          nodes.get(node).stepDown(1 + simulation.random().nextInt(PARTITIONS));
        }
      }
    }
    simulation.after(pause(), this::breakSomething);
  }

  private void crash(NodeId node) {
    if (cluster.host(node) != null) {
      cluster.crash(node);
      simulation.after(pause(), () -> restart(node));
    }
  }

  private void restart(NodeId node) {
    if (cluster.host(node) == null) {
      start(node, nodes.get(node).store().afterPowerLoss());
    }
  }

  private void start(NodeId node, TreeStore store) {
    SimulatedHost host = cluster.start(node);
    nodes.put(
        node,
        new TransactionNode(
            simulation,
            host,
            members,
            store,
            catalog,
            descriptors,
            () -> millis() + skews.get(node),
            bugs));
  }

  private void flushSomewhere() {
    if (faulty) {
      NodeId node = anyNode();
      if (cluster.host(node) != null) {
        nodes.get(node).flush();
      }
      simulation.after(pause(), this::flushSomewhere);
    }
  }

  private long pause() {
    return simulation.between(20 * Simulation.MILLIS, 700 * Simulation.MILLIS);
  }

  /** What the sweeper does, once, and then again. */
  private void sweep() {
    NodeId node = anyNode();
    TransactionEngine sweeper = engine;
    this.<ListLocksResponse>deliver(
        node,
        0,
        target ->
            reply ->
                target
                    .transactions()
                    .listLocks(
                        ListLocksRequest.newBuilder()
                            .setOlderThanMillis(LIMITS.staleAfter())
                            .setLimit(100)
                            .build(),
                        reply),
        answer -> answer.getHeldList().forEach(held -> forget(sweeper.settle(held))));
    for (EncodedItem row : ledger(nodes.get(anyNode()))) {
      forget(sweeper.settle(row));
    }
    simulation.after(SWEEP, this::sweep);
  }

  private static void forget(java.util.concurrent.CompletableFuture<Boolean> settled) {
    var _ = settled.exceptionally(_ -> false);
  }

  /** Rows of the ledger as a replica has them, old or new: settling only trusts its own writes. */
  private static List<EncodedItem> ledger(TransactionNode node) {
    List<EncodedItem> rows = new ArrayList<>();
    byte[] first = StoreKeys.firstOfToken(SystemTables.LEDGER.id(), 0, 0);
    byte[] end = StoreKeys.afterToken(SystemTables.LEDGER.id(), 0, -1L);
    node.store()
        .all(Family.ITEMS)
        .subMap(first, end)
        .values()
        .forEach(value -> rows.add(StoredValue.read(value).item()));
    return rows;
  }

  // ---- the end

  private void checkNothingIsLeft() {
    nodes.values().forEach(TransactionNode::flush);
    TransactionNode first = nodes.values().iterator().next();
    List<LogPosition> positions = first.positions();
    for (TransactionNode node : nodes.values()) {
      if (!node.positions().equals(positions)) {
        wrong.add("a replica is behind");
      }
      if (!node.store().all(Family.LOCKS).isEmpty()) {
        wrong.add("an item is still locked");
      }
      for (Family family : Family.values()) {
        if (!PartitionRun.same(first.store().all(family), node.store().all(family))) {
          wrong.add("the replicas differ in " + family);
        }
      }
    }
    for (EncodedItem row : ledger(first)) {
      if (Bank.number(row, "s") != 4) {
        wrong.add("a row of the ledger is in state " + Bank.number(row, "s"));
      }
    }
  }

  /** Takes the one answer of a call. */
  private record Once<T>(Consumer<T> answer) implements StreamObserver<T> {
    @Override
    public void onNext(T value) {
      answer.accept(value);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError("the service failed", failure);
    }

    @Override
    public void onCompleted() {}
  }
}
