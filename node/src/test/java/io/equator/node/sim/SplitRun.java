package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.coordinator.transactions.TransactionLimits;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.Family;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.node.indexes.SimulatedIndexes;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Ring;
import io.equator.partitioner.TokenRange;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ChangeRecord;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.Heir;
import io.equator.proto.ListLocksRequest;
import io.equator.proto.ListLocksResponse;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.RingDescriptor;
import io.equator.proto.SealPartition;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One simulated run in which partitions are split while everything breaks: three nodes, clients
 * that write, read and scan items, perhaps a bank, a control plane whose messages are lost, late
 * and doubled, and copies of the catalog that are old. Then everything heals, and the run is
 * judged.
 */
final class SplitRun implements TransactionWorld {
  private static final int PARTITIONS = 2;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;
  private static final long CLOCK_SKEW_MILLIS = 100;

  /** In some runs, of each node: what one has dated lies well ahead of another one's clock. */
  private static final long CLOCK_SKEW_MAX_MILLIS = 450;

  private static final long COPY_LATE = 250 * Simulation.MILLIS;
  private static final long COPY_VERY_LATE = 1_500 * Simulation.MILLIS;
  private static final long INDEXES_SETTLE = 20_000 * Simulation.MILLIS;
  private static final long STREAMS_SETTLE = 15_000 * Simulation.MILLIS;
  private static final long SWEEP = 300 * Simulation.MILLIS;
  private static final TransactionLimits LIMITS =
      new TransactionLimits(600, 1_000, 600_000, 60_000, 8);

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final Set<SplitBug> bugs;
  private final boolean withBank;
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, SplitNode> nodes = new TreeMap<>();
  private final Map<NodeId, Long> skews = new HashMap<>();
  private final Map<NodeId, CatalogSnapshot> copies = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final Bank bank;
  private final SplitClients clients;
  private final SplitDriver driver;
  private final @Nullable IndexDriver indexes;
  private final @Nullable StreamDriver streams;

  /** The records of partitions that are gone, as a reader of their change logs has seen them. */
  private final Map<Long, List<Change>> read = new TreeMap<>();

  /** When the catalog was changed, and what it was then. */
  private final NavigableMap<Long, Long> revisions = new TreeMap<>();

  private CatalogSnapshot truth;
  private CatalogSnapshot coordinatorsCopy;
  private SimulatedAccess access;
  private TransactionEngine engine;
  private boolean faulty = true;
  private boolean asking = true;
  private long nextRequest = 1;

  SplitRun(long seed, boolean withBank, Set<SplitBug> bugs) {
    this(seed, withBank, bugs, false, Set.of(), null);
  }

  /** One whose items are in global indexes, of which one is added while everything breaks. */
  static SplitRun withIndexes(long seed, Set<SimulatedIndexes.Bug> bugs) {
    return new SplitRun(seed, false, Set.of(), true, bugs, null);
  }

  /** The same, with a bank whose accounts are in an index, too. */
  static SplitRun withIndexesAndBank(long seed) {
    return new SplitRun(seed, true, Set.of(), true, Set.of(), null);
  }

  /** One whose table has a stream, switched on and off while everything breaks. */
  static SplitRun withStreams(long seed, Set<StreamBug> bugs) {
    return new SplitRun(seed, false, Set.of(), false, Set.of(), bugs);
  }

  private SplitRun(
      long seed,
      boolean withBank,
      Set<SplitBug> bugs,
      boolean withIndexes,
      Set<SimulatedIndexes.Bug> indexBugs,
      @Nullable Set<StreamBug> streamBugs) {
    this.simulation = new Simulation(seed);
    boolean skewed = simulation.chance(0.3);
    this.bugs = bugs;
    this.withBank = withBank;
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
      skews.put(
          node,
          !skewed
              ? simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS)
              : simulation.chance(0.5) ? CLOCK_SKEW_MAX_MILLIS : -CLOCK_SKEW_MAX_MILLIS);
    }
    this.indexes = withIndexes ? new IndexDriver(this, simulation, indexBugs, wrong) : null;
    this.streams =
        streamBugs == null
            ? null
            : new StreamDriver(
                this, simulation, streamBugs, skewed ? CLOCK_SKEW_MAX_MILLIS : CLOCK_SKEW_MILLIS);
    this.truth = CatalogSnapshot.empty().with(founding());
    revisions.put(0L, truth.revision());
    this.coordinatorsCopy = truth;
    members.forEach(member -> copies.put(member.node(), truth));
    this.bank = new Bank(this, simulation, truth.table(7).orElseThrow(), wrong);
    this.clients = new SplitClients(this, simulation, truth.table(9).orElseThrow(), wrong);
    this.driver = new SplitDriver(this, simulation);
    this.access = new SimulatedAccess(this, simulation);
    this.engine = newEngine(access);
  }

  private CatalogEvent founding() {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(1).setFull(true);
    event.addPuts(
        CatalogObject.newBuilder()
            .setKey("table/table7")
            .setTable(indexes == null ? TestTables.plain(7) : IndexDriver.bank()));
    event.addPuts(
        CatalogObject.newBuilder()
            .setKey("table/table9")
            .setTable(
                indexes != null
                    ? indexes.founding()
                    : streams != null
                        ? streams.founding()
                        : TestTables.streamed(9, "NEW_AND_OLD_IMAGES")));
    if (streams != null) {
      event.addPuts(
          CatalogObject.newBuilder()
              .setKey("cluster")
              .setCluster(
                  ClusterDescriptor.newBuilder().setRegion("here").setAccountId("000000000000")));
    }
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder()
            .setRingId(1)
            .setHashAlgorithm(1)
            .setHashSeed(ByteString.copyFrom(new byte[16]));
    List<TokenRange> ranges = Ring.evenRanges(PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      long id = i + 1L;
      ring.addPartitionIds(id);
      PartitionDescriptor.Builder partition =
          PartitionDescriptor.newBuilder()
              .setPartitionId(id)
              .setEpoch(1)
              .setRingId(1)
              .setFirstToken(ranges.get(i).first().bits())
              .setLastToken(ranges.get(i).last().bits());
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
    if (withBank) {
      for (int owner = 0; owner < Bank.OWNERS; owner++) {
        bank.open("a" + owner, 1);
        bank.open("a" + owner, 2);
      }
      while (!bank.isOpen()) {
        simulation.runUntil(simulation.now() + 10 * Simulation.MILLIS);
      }
    }
    clients.start();
    driver.start();
    if (indexes != null) {
      indexes.start();
    }
    if (streams != null) {
      streams.start();
    }
    simulation.after(pause(), this::breakSomething);
    simulation.after(pause(), this::flushSomewhere);
    if (withBank) {
      simulation.after(SWEEP, this::sweep);
    }
    long began = simulation.now();
    simulation.runUntil(began + (withBank ? 8_000 : 4_000) * Simulation.MILLIS);
    faulty = false;
    network.heal();
    members.forEach(member -> restart(member.node()));
    int before = clients.answers();
    simulation.runUntil(simulation.now() + (withBank ? 7_000 : 2_500) * Simulation.MILLIS);
    if (clients.answers() == before) {
      wrong.add("nothing was answered after everything had healed");
    }
    asking = false;
    simulation.runUntil(simulation.now() + (withBank ? 12_000 : 3_000) * Simulation.MILLIS);
    if (indexes != null) {
      simulation.runUntil(simulation.now() + INDEXES_SETTLE);
    }
    if (streams != null) {
      simulation.runUntil(simulation.now() + STREAMS_SETTLE);
    }
    judge();
    nodes.values().forEach(SplitNode::die);
    return String.join("; ", wrong);
  }

  Bank bank() {
    return bank;
  }

  SplitClients clients() {
    return clients;
  }

  /** Whether the index that was added is there. */
  boolean indexIsBuilt() {
    return indexes != null && indexes.isBuilt();
  }

  /** The streams of a run that has some. */
  StreamDriver streams() {
    return Objects.requireNonNull(streams);
  }

  /** Splits that came to their end. */
  int splits() {
    return driver.made();
  }

  /** Partitions that were split and are gone. */
  int retired() {
    return driver.retired();
  }

  Trace trace() {
    return simulation.trace();
  }

  // ---- the catalog

  CatalogSnapshot truth() {
    return truth;
  }

  /** Changes the catalog; everybody's copy follows after a while, in order. */
  void commit(CatalogEvent.Builder event) {
    CatalogEvent next = event.setRevision(truth.revision() + 1).build();
    CatalogSnapshot before = truth;
    truth = truth.with(next);
    for (PartitionDescriptor partition : before.partitionDescriptors()) {
      if (truth.partitionDescriptor(partition.getPartitionId()).isEmpty()) {
        cluster.end(GroupId.ofPartition(partition.getPartitionId()));
      }
    }
    revisions.put(simulation.now(), truth.revision());
    CatalogSnapshot now = truth;
    for (Peer member : members) {
      simulation.after(
          simulation.between(
              0,
              (indexes != null || streams != null) && simulation.chance(0.3)
                  ? COPY_VERY_LATE
                  : COPY_LATE),
          () -> copies.merge(member.node(), now, SplitRun::newer));
    }
    simulation.after(
        simulation.between(0, simulation.chance(0.3) ? COPY_VERY_LATE : COPY_LATE),
        () -> coordinatorsCopy = newer(coordinatorsCopy, now));
  }

  /** A node's copy of the catalog. */
  CatalogSnapshot copy(NodeId node) {
    return copies.getOrDefault(node, truth);
  }

  /** Whether a node's copy holds all that the catalog held at a moment. */
  boolean covers(NodeId node, long nanos) {
    return copy(node).revision() >= revisions.floorEntry(nanos).getValue();
  }

  /** Nobody reads the change log of a partition any more. */
  void retired(long partition) {
    if (streams != null) {
      streams.truth().retired(partition, millis());
    }
  }

  private static CatalogSnapshot newer(CatalogSnapshot one, CatalogSnapshot other) {
    return one.revision() >= other.revision() ? one : other;
  }

  /** What seals the parent of a half. */
  static SealPartition seal(CatalogSnapshot snapshot, PartitionDescriptor half) {
    PartitionDescriptor parent = snapshot.partitionDescriptor(half.getParentId()).orElseThrow();
    return seal(parent);
  }

  static SealPartition seal(PartitionDescriptor parent) {
    long token = parent.getSplit().getToken();
    return SealPartition.newBuilder()
        .addHeirs(
            Heir.newBuilder()
                .setPartitionId(parent.getSplit().getFirstId())
                .setFirstToken(parent.getFirstToken())
                .setLastToken(token - 1))
        .addHeirs(
            Heir.newBuilder()
                .setPartitionId(parent.getSplit().getSecondId())
                .setFirstToken(token)
                .setLastToken(parent.getLastToken()))
        .build();
  }

  /** A reader of the change log of a closed partition has come to its end, here. */
  void readToTheEnd(NodeId node, long partition) {
    HostedPartition hosted = node(node).partition(partition);
    if (hosted != null) {
      read.put(partition, changes(hosted));
    }
  }

  private static List<Change> changes(HostedPartition hosted) {
    return hosted
        .changes()
        .read(9, ChangePosition.START, Integer.MAX_VALUE, Long.MAX_VALUE)
        .changes();
  }

  // ---- what clients see

  @Override
  public CatalogSnapshot catalog() {
    return coordinatorsCopy;
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
    return false;
  }

  @Override
  public boolean has(SplitBug bug) {
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

  List<NodeId> allNodes() {
    return members.stream().map(Peer::node).toList();
  }

  private SplitNode node(NodeId id) {
    SplitNode node = nodes.get(id);
    if (node == null) {
      throw new AssertionError("no node " + id);
    }
    return node;
  }

  @Override
  public <A> void deliver(NodeId node, long late, ServiceCall<A> call, Consumer<A> reply) {
    deliverTo(node, late, target -> call.to(target), reply);
  }

  /** A call of a node that still wants its observer. */
  interface NodeCall<A> {
    Consumer<StreamObserver<A>> to(SplitNode node);
  }

  <A> void deliverTo(NodeId node, long late, NodeCall<A> call, Consumer<A> reply) {
    simulation.after(
        network.delay() + late,
        () -> {
          SimulatedHost host = cluster.host(node);
          if (host == null || lost()) {
            return;
          }
          call.to(node(node))
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
    node.endpoint().write(request, reply);
  }

  // ---- faults

  private void breakSomething() {
    if (!faulty) {
      return;
    }
    NodeId node = anyNode();
    switch (simulation.random().nextInt(10)) {
      case 0, 1 -> crash(node);
      case 2 -> members.forEach(member -> crash(member.node()));
      case 3, 4, 5 -> {
        network.isolate(node);
        simulation.after(pause(), () -> network.rejoin(node));
      }
      case 6 -> access.pause(simulation.between(0, 500 * Simulation.MILLIS));
      case 7 -> {
        if (withBank) {
          simulation.note("the coordinator dies");
          access.die();
          access = new SimulatedAccess(this, simulation);
          engine = newEngine(access);
        }
      }
      default -> {
        if (cluster.host(node) != null) {
          node(node)
              .all()
              .forEach(
                  hosted -> {
                    if (simulation.chance(0.5)) {
                      hosted.log().stepDown();
                    }
                  });
        }
      }
    }
    simulation.after(pause(), this::breakSomething);
  }

  /** Every partition gets another leader, perhaps. */
  void changeLeaders() {
    for (NodeId node : allNodes()) {
      if (faulty && cluster.host(node) != null) {
        node(node).all().forEach(hosted -> hosted.log().stepDown());
      }
    }
  }

  private void crash(NodeId node) {
    if (cluster.host(node) != null) {
      node(node).die();
      cluster.crash(node);
      simulation.after(pause(), () -> restart(node));
    }
  }

  private void restart(NodeId node) {
    if (cluster.host(node) == null) {
      start(node, node(node).store().afterPowerLoss());
    }
  }

  private void start(NodeId node, TreeStore store) {
    SimulatedHost host = cluster.start(node);
    nodes.put(
        node,
        new SplitNode(
            simulation,
            host,
            members,
            store,
            () -> copies.getOrDefault(node, truth),
            () -> millis() + skews.getOrDefault(node, 0L),
            bugs,
            indexes,
            streams));
  }

  /** A node flushes when it feels like it; in the end each does, or nothing could be let go. */
  private void flushSomewhere() {
    NodeId some = anyNode();
    for (NodeId node : faulty ? List.of(some) : allNodes()) {
      if (cluster.host(node) != null) {
        node(node).flush();
      }
    }
    simulation.after(pause(), this::flushSomewhere);
  }

  private long pause() {
    return simulation.between(20 * Simulation.MILLIS, 600 * Simulation.MILLIS);
  }

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
    for (EncodedItem row : ledger(node(anyNode()))) {
      forget(sweeper.settle(row));
    }
    simulation.after(SWEEP, this::sweep);
  }

  private static void forget(java.util.concurrent.CompletableFuture<Boolean> settled) {
    var _ = settled.exceptionally(_ -> false);
  }

  private static List<EncodedItem> ledger(SplitNode node) {
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

  private void judge() {
    nodes.values().forEach(SplitNode::flush);
    SplitNode first = nodes.values().iterator().next();
    for (PartitionDescriptor partition : truth.partitionDescriptors()) {
      if (partition.getState() == State.EMBRYO
          || (partition.hasSplit() && (streams == null || partition.getState() != State.CLOSED))) {
        wrong.add("the split of partition " + partition.getPartitionId() + " is not done");
      }
    }
    for (SplitNode node : nodes.values()) {
      for (Family family : Family.values()) {
        if (!PartitionRun.same(first.store().all(family), node.store().all(family))) {
          wrong.add(
              "the replicas differ in "
                  + family
                  + ": "
                  + difference(first.store().all(family), node.store().all(family)));
        }
      }
      if (!node.store().all(Family.LOCKS).isEmpty()) {
        wrong.add("an item is still locked");
      }
    }
    if (withBank) {
      bank.checkBooks(first.store());
    }
    checkCounters(first);
    clients.judge();
    if (streams != null) {
      wrong.addAll(streams.wrong());
    } else if (indexes == null) {
      checkChanges(first);
    } else {
      wrong.addAll(indexes.differences(first.store()));
    }
  }

  static String difference(NavigableMap<byte[], byte[]> one, NavigableMap<byte[], byte[]> other) {
    HexFormat hex = HexFormat.of();
    List<String> rows = new ArrayList<>();
    one.forEach(
        (key, value) -> {
          byte[] there = other.get(key);
          if (!Arrays.equals(value, there)) {
            rows.add(
                hex.formatHex(key)
                    + " is "
                    + hex.formatHex(value)
                    + " and "
                    + (there == null ? "not there" : hex.formatHex(there)));
          }
        });
    other.forEach(
        (key, _) -> {
          if (!one.containsKey(key)) {
            rows.add(hex.formatHex(key) + " is only in the other");
          }
        });
    return String.join(", ", rows.subList(0, Math.min(3, rows.size())));
  }

  private void checkCounters(SplitNode node) {
    long counted = 0;
    for (HostedPartition hosted : node.all()) {
      if (hosted.machine().sealed() == null) {
        counted += hosted.machine().counters(9, 0).items();
      }
      if (hosted.machine().isCounting()) {
        wrong.add("the rows of a half are not counted");
      }
    }
    long rows =
        node.store()
            .all(Family.ITEMS)
            .subMap(StoreKeys.firstOfToken(9, 0, 0), StoreKeys.afterToken(9, 0, -1L))
            .size();
    if (counted != rows) {
      wrong.add("the counters say " + counted + " items, there are " + rows);
    }
  }

  /** Per item, over all partitions that it has been in: one chain of images, times that grow. */
  private void checkChanges(SplitNode node) {
    Map<Long, List<Change>> logs = new TreeMap<>(read);
    for (HostedPartition hosted : node.all()) {
      logs.put(hosted.machine().partition(), changes(hosted));
    }
    Map<ByteString, ByteString> images = new HashMap<>();
    Map<ByteString, Long> times = new HashMap<>();
    // Ids grow from parent to heir.
    for (List<Change> log : logs.values()) {
      for (Change change : log) {
        ChangeRecord record = change.record();
        ByteString before = images.getOrDefault(record.getKey(), ByteString.EMPTY);
        if (!before.equals(record.getOldValue())) {
          wrong.add("the change log has a gap");
        }
        if (Long.compareUnsigned(record.getTimestamp(), times.getOrDefault(record.getKey(), 0L))
            <= 0) {
          wrong.add("the time of an item goes back");
        }
        images.put(record.getKey(), record.getNewValue());
        times.put(record.getKey(), record.getTimestamp());
      }
    }
    images.forEach(
        (key, image) -> {
          byte[] stored = node.store().get(Family.ITEMS, StoreKeys.row(9, 0, key));
          ByteString value = stored == null ? ByteString.EMPTY : ByteString.copyFrom(stored);
          if (!value.equals(image)) {
            wrong.add("an item is not what its last change says");
          }
        });
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
