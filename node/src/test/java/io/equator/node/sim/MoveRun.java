package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.cluster.ReplicaSteps;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Ring;
import io.equator.partitioner.TokenRange;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.CountedMembersRequest;
import io.equator.proto.CountedMembersResponse;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeDescriptor.State;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.log.GroupId;
import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.SimulatedCluster;
import io.equator.replication.sim.SimulatedHost;
import io.equator.replication.sim.SimulatedNetwork;
import io.equator.replication.sim.Simulation;
import io.equator.replication.sim.Trace;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * One simulated run in which replicas move while everything breaks: nodes join, are drained, die
 * for good; partitions are split; reconcilers act on old copies, several at a time; nodes crash and
 * forget what was not flushed, clients write and read. Then everything heals, and the run is
 * judged.
 */
final class MoveRun implements TransactionWorld {
  private static final int PARTITIONS = 2;
  private static final int NODES_MAX = 5;
  private static final int REPLICAS = 3;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;
  private static final long CLOCK_SKEW_MILLIS = 100;
  private static final long COPY_LATE = 150 * Simulation.MILLIS;
  private static final long COPY_VERY_LATE = 2_000 * Simulation.MILLIS;
  private static final long FAULTY = 5_000 * Simulation.MILLIS;
  private static final long ASKING = 1_000 * Simulation.MILLIS;
  private static final long ANSWER_WITHIN = 8_000 * Simulation.MILLIS;
  private static final long SETTLE_LOOK = 200 * Simulation.MILLIS;
  private static final long SETTLE_WITHIN = 40_000 * Simulation.MILLIS;

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final Set<MoveBug> bugs;
  private final MoveCatalog catalog;
  private final List<MoveControl> controls = new ArrayList<>();
  private final Map<NodeId, MoveNode> nodes = new TreeMap<>();
  private final Map<NodeId, Long> skews = new HashMap<>();
  private final Map<NodeId, CatalogSnapshot> copies = new HashMap<>();

  /** Nodes that will never come back. */
  private final Set<NodeId> lost = new TreeSet<>();

  private final List<String> wrong = new ArrayList<>();
  private final SplitClients clients;
  private final SimulatedAccess access;
  private CatalogSnapshot coordinatorsCopy = CatalogSnapshot.empty();
  private boolean faulty = true;
  private boolean asking = true;
  private boolean reading = true;
  private long nextRequest = 1;
  private int nextNode;
  private int moves;
  private int movesOfSplitOnes;

  MoveRun(long seed, Set<MoveBug> bugs) {
    this.simulation = new Simulation(seed);
    this.bugs = bugs;
    this.network =
        new SimulatedNetwork(
            simulation,
            new SimulatedNetwork.Faults(
                simulation.between(1, 8) * Simulation.MILLIS,
                0.05,
                simulation.chance(0.5) ? 0.02 : 0));
    Set<PlantedBug> inTheLog = EnumSet.noneOf(PlantedBug.class);
    if (has(MoveBug.COUNT_NEW_MEMBERS_AT_ONCE)) {
      inTheLog.add(PlantedBug.COUNT_NEW_MEMBERS_AT_ONCE);
    }
    if (has(MoveBug.CHANGE_IN_ONE_STEP)) {
      inTheLog.add(PlantedBug.CHANGE_IN_ONE_STEP);
    }
    this.cluster =
        new SimulatedCluster(
                simulation,
                network,
                inTheLog,
                (group, cause) -> {
                  throw new AssertionError(group + " failed", cause);
                })
            .withPreVotes();
    this.catalog = new MoveCatalog(simulation, () -> faulty, this::catalogChanged, this::others);
    for (int i = 0; i < 2; i++) {
      controls.add(new MoveControl(this, simulation, catalog));
    }
    found();
    this.clients = new SplitClients(this, simulation, truth().table(9).orElseThrow(), wrong);
    this.access = new SimulatedAccess(this, simulation);
  }

  /** Whether somebody still reads the changes of a partition that has been split. */
  boolean isRead(long partition) {
    return reading && partition % 2 == 0;
  }

  boolean has(MoveBug bug) {
    return bugs.contains(bug);
  }

  private void found() {
    CatalogCommitRequest.Builder commit = CatalogCommitRequest.newBuilder();
    commit.addPuts(
        CatalogObject.newBuilder()
            .setKey(CatalogKeys.table("table9"))
            .setTable(TestTables.streamed(9, "NEW_AND_OLD_IMAGES")));
    commit.addPuts(
        CatalogObject.newBuilder()
            .setKey(CatalogKeys.CLUSTER)
            .setCluster(
                ClusterDescriptor.newBuilder()
                    .setNextPartitionId(100)
                    .setReplicationFactor(REPLICAS)));
    List<NodeDescriptor> founders = new ArrayList<>();
    for (int i = 0; i < REPLICAS; i++) {
      NodeDescriptor node = newNode();
      founders.add(node);
      commit.addPuts(object(node));
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
      founders.forEach(node -> partition.addReplicaNodeIds(node.getNodeId()));
      commit.addPuts(
          CatalogObject.newBuilder().setKey(CatalogKeys.partition(id)).setPartition(partition));
    }
    commit.addPuts(CatalogObject.newBuilder().setKey(CatalogKeys.ring(1)).setRing(ring));
    catalog.put(commit.build());
    founders.forEach(node -> copies.put(new NodeId(node.getNodeId()), truth()));
    coordinatorsCopy = truth();
    controls.forEach(control -> control.copied(truth()));
  }

  private NodeDescriptor newNode() {
    String id = "n" + nextNode++;
    skews.put(new NodeId(id), simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS));
    return NodeDescriptor.newBuilder()
        .setNodeId(id)
        .setRaftAddress(id)
        .setZone("z" + simulation.random().nextInt(3))
        .setWeight(1)
        .build();
  }

  private static CatalogObject object(NodeDescriptor node) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.node(node.getNodeId()))
        .setNode(node)
        .build();
  }

  /** Runs to the end; what was wrong, empty when nothing was. */
  String run() {
    for (NodeDescriptor node : truth().nodes()) {
      start(new NodeId(node.getNodeId()), new TreeStore());
    }
    clients.start();
    controls.forEach(MoveControl::start);
    changeWhoLeads();
    simulation.after(pause(), this::breakSomething);
    simulation.after(pause(), this::changeSomething);
    simulation.after(pause(), this::flushSomewhere);
    simulation.runUntil(FAULTY);
    faulty = false;
    simulation.note("healed");
    network.heal();
    controls.getFirst().lead(true);
    controls.getLast().lead(false);
    nodes.keySet().forEach(this::restart);
    int before = clients.answers();
    long patience = simulation.now() + ANSWER_WITHIN;
    do {
      simulation.runUntil(simulation.now() + ASKING);
    } while (clients.answers() == before && simulation.now() < patience);
    asking = false;
    settle();
    reading = false;
    settle();
    if (clients.answers() == before) {
      wrong.add("nothing was answered after everything had healed");
    }
    clients.giveUp();
    clients.judge();
    nodes.values().forEach(MoveNode::die);
    return String.join("; ", wrong);
  }

  /** Waits until everything is where it should be and as it should be, or for long enough. */
  private void settle() {
    MoveJudge judge = new MoveJudge(this, cluster);
    long end = simulation.now() + SETTLE_WITHIN;
    List<String> unsettled = judge.unsettled();
    while (!unsettled.isEmpty() && simulation.now() < end) {
      simulation.runUntil(simulation.now() + SETTLE_LOOK);
      unsettled = judge.unsettled();
    }
    wrong.addAll(unsettled);
  }

  SplitClients clients() {
    return clients;
  }

  /** Moves that came to their end. */
  int moves() {
    return moves;
  }

  /** Of those, moves of partitions that had been split. */
  int movesOfSplitOnes() {
    return movesOfSplitOnes;
  }

  /** Splits that came to their end. */
  int splits() {
    return controls.stream().mapToInt(control -> control.splits().made()).sum();
  }

  /** Nodes that there have been. */
  int nodesEver() {
    return nextNode;
  }

  Trace trace() {
    return simulation.trace();
  }

  Map<NodeId, MoveNode> running() {
    Map<NodeId, MoveNode> running = new TreeMap<>(nodes);
    running.keySet().removeIf(node -> cluster.host(node) == null);
    return running;
  }

  // ---- the catalog

  CatalogSnapshot truth() {
    return catalog.truth();
  }

  CatalogSnapshot copy(NodeId node) {
    return copies.getOrDefault(node, CatalogSnapshot.empty());
  }

  /** Whether the catalog knows a node. */
  boolean isNamed(NodeId node) {
    return truth().node(node).isPresent();
  }

  /** Everybody's copy follows after a while, in order. */
  private void catalogChanged(CatalogSnapshot now) {
    for (NodeDescriptor each : now.nodes()) {
      NodeId node = new NodeId(each.getNodeId());
      simulation.after(late(), () -> copies.merge(node, now, MoveRun::newer));
    }
    for (MoveControl control : controls) {
      simulation.after(late(), () -> control.copied(now));
    }
    simulation.after(late(), () -> coordinatorsCopy = newer(coordinatorsCopy, now));
    for (PartitionDescriptor partition : coordinatorsCopy.partitionDescriptors()) {
      if (now.partitionDescriptor(partition.getPartitionId()).isEmpty()) {
        cluster.end(GroupId.ofPartition(partition.getPartitionId()));
      }
    }
    noteMoves(now);
  }

  /** A second scheduler that does not look whether something is under way. */
  private void moveBlindly() {
    for (PartitionDescriptor partition : truth().partitionDescriptors()) {
      for (NodeDescriptor node : truth().nodes()) {
        if (!partition.getJoiningNodeId().isEmpty()
            && !partition.getReplicaNodeIdsList().contains(node.getNodeId())
            && !partition.getJoiningNodeId().equals(node.getNodeId())) {
          catalog.put(
              CatalogCommitRequest.newBuilder()
                  .addPuts(
                      CatalogObject.newBuilder()
                          .setKey(CatalogKeys.partition(partition.getPartitionId()))
                          .setPartition(
                              partition.toBuilder()
                                  .setJoiningNodeId(node.getNodeId())
                                  .setLeavingNodeId(partition.getReplicaNodeIds(0))))
                  .build());
          return;
        }
      }
    }
  }

  private final Map<Long, String> joining = new HashMap<>();

  private void noteMoves(CatalogSnapshot now) {
    for (PartitionDescriptor partition : now.partitionDescriptors()) {
      long id = partition.getPartitionId();
      String before = joining.getOrDefault(id, "");
      String comes = partition.getJoiningNodeId();
      if (!before.equals(comes)) {
        joining.put(id, comes);
        simulation.note(
            "partition "
                + id
                + " is on "
                + partition.getReplicaNodeIdsList()
                + (comes.isEmpty()
                    ? ""
                    : ", " + comes + " comes, " + partition.getLeavingNodeId() + " goes"));
        if (partition.getReplicaNodeIdsList().contains(before)) {
          moves++;
          if (partition.getState() == PartitionDescriptor.State.CLOSED) {
            movesOfSplitOnes++;
          }
        }
      }
    }
  }

  private long late() {
    return simulation.between(0, faulty && simulation.chance(0.2) ? COPY_VERY_LATE : COPY_LATE);
  }

  private static CatalogSnapshot newer(CatalogSnapshot one, CatalogSnapshot other) {
    return one.revision() >= other.revision() ? one : other;
  }

  /** Somebody else acts between a read and a commit. */
  private void others() {
    if (faulty && simulation.chance(0.2)) {
      controls.get(simulation.random().nextInt(controls.size())).hurry();
    }
  }

  /** Asks the catalog itself: the answer is old when it comes; empty when none comes. */
  void askTruth(long id, Consumer<Optional<Optional<PartitionDescriptor>>> then) {
    simulation.after(
        network.delay(),
        () -> {
          if (isLost()) {
            simulation.after(500 * Simulation.MILLIS, () -> then.accept(Optional.empty()));
            return;
          }
          Optional<PartitionDescriptor> truth = truth().partitionDescriptor(id);
          simulation.after(network.delay(), () -> then.accept(Optional.of(truth)));
        });
  }

  /** Asks a group whether it counts a node; false when nobody who knows answers in time. */
  void askGroup(NodeId node, PartitionDescriptor partition, Consumer<Boolean> then) {
    boolean[] over = {false};
    Set<String> asked = new TreeSet<>(partition.getReplicaNodeIdsList());
    asked.add(partition.getJoiningNodeId());
    asked.remove("");
    CountedMembersRequest request =
        CountedMembersRequest.newBuilder().setPartitionId(partition.getPartitionId()).build();
    for (String member : asked) {
      this.<CountedMembersResponse>deliverTo(
          new NodeId(member),
          0,
          target -> reply -> target.membership().countedMembers(request, reply),
          answer -> {
            if (answer.getKnown() && !over[0]) {
              over[0] = true;
              then.accept(!answer.getNodeIdsList().contains(node.value()));
            }
          });
    }
    simulation.after(
        300 * Simulation.MILLIS,
        () -> {
          if (!over[0]) {
            over[0] = true;
            then.accept(false);
          }
        });
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
    throw new UnsupportedOperationException("nobody makes transactions here");
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

  long skew(NodeId node) {
    return skews.getOrDefault(node, 0L);
  }

  @Override
  public NodeId anyNode() {
    List<NodeId> named = named();
    return named.get(simulation.random().nextInt(named.size()));
  }

  private List<NodeId> named() {
    return truth().nodes().stream().map(node -> new NodeId(node.getNodeId())).toList();
  }

  private MoveNode node(NodeId id) {
    MoveNode node = nodes.get(id);
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
    Consumer<StreamObserver<A>> to(MoveNode node);
  }

  <A> void deliverTo(NodeId node, long late, NodeCall<A> call, Consumer<A> reply) {
    simulation.after(
        network.delay() + late,
        () -> {
          SimulatedHost host = cluster.host(node);
          if (host == null || isLost()) {
            return;
          }
          call.to(node(node))
              .accept(
                  new Once<>(
                      answer -> {
                        if (cluster.host(node) == host && !isLost()) {
                          simulation.after(network.delay(), () -> reply.accept(answer));
                        }
                      }));
        });
  }

  /** Carries a state from one node to another; empty when it does not come. */
  void fetchState(
      NodeId to,
      NodeId from,
      long partition,
      long epoch,
      long atLeastIndex,
      Consumer<Optional<MoveState>> then) {
    boolean[] over = {false};
    Consumer<Optional<MoveState>> once =
        state -> {
          if (!over[0]) {
            over[0] = true;
            then.accept(state);
          }
        };
    network.send(
        to,
        from,
        () -> {
          SimulatedHost host = cluster.host(from);
          Optional<MoveState> state =
              host == null ? Optional.empty() : node(from).give(partition, epoch, atLeastIndex);
          simulation.after(
              simulation.between(0, 100 * Simulation.MILLIS),
              () -> network.send(from, to, () -> once.accept(state)));
        });
    simulation.after(400 * Simulation.MILLIS, () -> once.accept(Optional.empty()));
  }

  private boolean isLost() {
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
      case 0, 1, 2 -> crash(node);
      case 3 -> named().forEach(this::crash);
      case 4, 5, 6 -> {
        network.isolate(node);
        simulation.after(pause(), () -> network.rejoin(node));
      }
      case 7 -> access.pause(simulation.between(0, 500 * Simulation.MILLIS));
      default -> {
        if (cluster.host(node) != null) {
          for (var hosted : List.copyOf(node(node).all())) {
            if (simulation.chance(0.5)) {
              hosted.log().stepDown();
            }
          }
        }
      }
    }
    simulation.after(pause(), this::breakSomething);
  }

  private void crash(NodeId node) {
    if (cluster.host(node) != null) {
      node(node).die();
      cluster.crash(node);
      // It comes back with the copy of the catalog that was last written down.
      CatalogSnapshot old = copy(node);
      simulation.after(
          pause(),
          () -> {
            if (nodes.containsKey(node) && cluster.host(node) == null) {
              if (simulation.chance(0.5)) {
                copies.put(node, older(node, old));
              }
              restart(node);
            }
          });
    }
  }

  /** The copies that a node has had at some time, the newest first. */
  private CatalogSnapshot older(NodeId node, CatalogSnapshot newest) {
    CatalogSnapshot written = written(node);
    return written.revision() == 0 ? newest : written;
  }

  private final Map<NodeId, CatalogSnapshot> writtenCopies = new HashMap<>();

  private CatalogSnapshot written(NodeId node) {
    return writtenCopies.getOrDefault(node, CatalogSnapshot.empty());
  }

  private void restart(NodeId node) {
    if (cluster.host(node) == null && !lost.contains(node)) {
      start(node, node(node).store().afterPowerLoss());
    }
  }

  private void start(NodeId node, TreeStore store) {
    nodes.put(node, new MoveNode(this, simulation, cluster.start(node), store));
    // It follows the catalog, a moment after it has begun with its own copy.
    simulation.after(
        late(),
        () -> {
          CatalogSnapshot now = truth();
          copies.merge(node, now, MoveRun::newer);
        });
  }

  private void flushSomewhere() {
    NodeId some = anyNode();
    for (NodeId node : faulty ? List.of(some) : List.copyOf(running().keySet())) {
      if (cluster.host(node) != null) {
        node(node).flush();
        writtenCopies.put(node, copy(node));
      }
    }
    simulation.after(pause(), this::flushSomewhere);
  }

  private long pause() {
    return simulation.between(20 * Simulation.MILLIS, 600 * Simulation.MILLIS);
  }

  /** Mostly one of them leads; at times both believe it, or none. */
  private void changeWhoLeads() {
    if (!faulty) {
      return;
    }
    int leader = simulation.random().nextInt(4);
    controls.getFirst().lead(leader == 0 || leader == 2);
    controls.getLast().lead(leader == 1 || leader == 2);
    simulation.after(simulation.between(0, 1_000 * Simulation.MILLIS), this::changeWhoLeads);
  }

  // ---- nodes that come and go

  private void changeSomething() {
    if (!faulty) {
      return;
    }
    List<NodeDescriptor> active =
        truth().nodes().stream()
            .filter(node -> node.getState() == State.ACTIVE)
            .filter(node -> !lost.contains(new NodeId(node.getNodeId())))
            .toList();
    boolean spare = active.size() > REPLICAS;
    NodeDescriptor some = active.get(simulation.random().nextInt(active.size()));
    switch (simulation.random().nextInt(8)) {
      case 0, 1, 2 -> {
        if (truth().nodes().size() < NODES_MAX) {
          join();
        }
      }
      case 3, 4 -> {
        if (spare) {
          drain(some, State.DRAINING);
        }
      }
      case 5 ->
          truth().nodes().stream()
              .filter(node -> node.getState() == State.DRAINING)
              .findFirst()
              .ifPresent(node -> drain(node, State.ACTIVE));
      case 6 -> {
        if (spare && lost.isEmpty()) {
          lose(new NodeId(some.getNodeId()));
        }
      }
      default -> {}
    }
    dismiss();
    if (has(MoveBug.BEGIN_OVER_ANOTHER_MOVE)) {
      moveBlindly();
    }
    simulation.after(
        simulation.between(50 * Simulation.MILLIS, 900 * Simulation.MILLIS), this::changeSomething);
  }

  private void join() {
    NodeDescriptor node = newNode();
    simulation.note(node.getNodeId() + " joins in " + node.getZone());
    catalog.put(CatalogCommitRequest.newBuilder().addPuts(object(node)).build());
    NodeId id = new NodeId(node.getNodeId());
    copies.put(id, truth());
    start(id, new TreeStore());
  }

  private void drain(NodeDescriptor node, State state) {
    simulation.note(node.getNodeId() + " is " + state);
    try {
      var _ =
          new ReplicaSteps(catalog)
              .node(new NodeId(node.getNodeId()), now -> now.toBuilder().setState(state).build());
    } catch (CatalogUnavailableException _) {
      simulation.note("the catalog is away");
    }
  }

  private void lose(NodeId node) {
    simulation.note(node + " is lost for good");
    if (cluster.host(node) != null) {
      node(node).die();
      cluster.crash(node);
    }
    cluster.wipe(node);
    if (has(MoveBug.COME_BACK_EMPTY)) {
      simulation.after(
          pause(),
          () -> {
            if (cluster.host(node) == null && isNamed(node)) {
              start(node, new TreeStore());
            }
          });
    } else {
      lost.add(node);
    }
  }

  /** Nodes that are drained or lost, and empty by the catalog, leave it. */
  void dismiss() {
    for (NodeDescriptor node : List.copyOf(truth().nodes())) {
      NodeId id = new NodeId(node.getNodeId());
      boolean goes = node.getState() == State.DRAINING || lost.contains(id);
      boolean holds =
          truth().partitionDescriptors().stream()
              .anyMatch(
                  partition ->
                      partition.getReplicaNodeIdsList().contains(node.getNodeId())
                          || partition.getJoiningNodeId().equals(node.getNodeId())
                          || partition.getLeavingNodeId().equals(node.getNodeId()));
      MoveNode running = running().get(id);
      if (goes && !holds && (running == null || running.isEmpty())) {
        simulation.note(id + " leaves the cluster");
        catalog.put(
            CatalogCommitRequest.newBuilder().addDeletes(CatalogKeys.node(id.value())).build());
        if (running != null) {
          running.die();
          cluster.crash(id);
        }
        lost.remove(id);
        nodes.remove(id);
      }
    }
  }

  /** Nodes that will never come back, and that the catalog still knows. */
  Set<NodeId> lost() {
    return lost;
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
