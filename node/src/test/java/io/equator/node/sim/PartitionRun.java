package io.equator.node.sim;

import io.equator.node.core.Family;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.node.sim.Client.Outcome;
import io.equator.node.sim.ItemRequest.Answer;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.WriteRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.Peer;
import io.equator.replication.sim.LinearizabilityChecker;
import io.equator.replication.sim.Operation;
import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.SimulatedCluster;
import io.equator.replication.sim.SimulatedHost;
import io.equator.replication.sim.SimulatedNetwork;
import io.equator.replication.sim.Simulation;
import io.equator.replication.sim.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One simulated run: three replicas of one partition, clients that read and write a few items and
 * ask again when they do not know, and faults; then everything heals, and the run is judged.
 */
final class PartitionRun {

  private static final int KEYS = 3;
  private static final int CLIENTS = 8;
  private static final long FAULTY_TIME = 4_000 * Simulation.MILLIS;
  private static final long HEALED_TIME = 2_000 * Simulation.MILLIS;
  private static final long QUIET_TIME = 2_500 * Simulation.MILLIS;

  /** More than a first attempt may take and still not be looked up; see PartitionWriter. */
  private static final long PATIENCE = 1_500 * Simulation.MILLIS;

  private static final int ATTEMPTS_MAX = 4;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;
  private static final long CLOCK_SKEW_MILLIS = 100;

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final Set<NodeBug> bugs;
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, SimulatedNode> nodes = new TreeMap<>();
  private final Map<NodeId, Long> skews = new HashMap<>();
  private final Map<Integer, List<Operation<ItemRequest, Answer>>> histories = new TreeMap<>();
  private final CatalogSnapshot catalog;
  private final TableView table;
  private boolean faulty = true;
  private boolean asking = true;
  private long nextValue = 1;
  private long nextId = 1;
  private int answers;
  private int unknown;

  PartitionRun(long seed, Set<PlantedBug> logBugs, Set<NodeBug> bugs) {
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
            logBugs,
            (group, cause) -> {
              throw new AssertionError(group + " failed", cause);
            });
    for (String name : List.of("a", "b", "c")) {
      NodeId node = new NodeId(name);
      members.add(new Peer(node, name));
      skews.put(node, simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS));
    }
    this.catalog =
        CatalogSnapshot.empty()
            .with(
                CatalogEvent.newBuilder()
                    .setRevision(1)
                    .setFull(true)
                    .addPuts(
                        CatalogObject.newBuilder().setKey("table/t").setTable(TestTables.plain(7)))
                    .build());
    this.table = catalog.table(7).orElseThrow();
  }

  static PartitionRun sound(long seed) {
    return new PartitionRun(seed, Set.of(), Set.of());
  }

  /** Runs to the end. */
  PartitionRun run() {
    members.forEach(member -> start(member.node(), new TreeStore()));
    for (int client = 0; client < CLIENTS; client++) {
      think(client);
    }
    simulation.after(pause(), this::breakSomething);
    simulation.after(pause(), this::flushSomewhere);
    simulation.runUntil(FAULTY_TIME);
    faulty = false;
    network.heal();
    members.forEach(member -> restart(member.node()));
    int before = answers;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME);
    check(answers > before, "nothing was answered after everything had healed");
    asking = false;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME + QUIET_TIME);
    return this;
  }

  /** Whether the history of every item is linearizable. */
  boolean linearizable() {
    LinearizabilityChecker<Optional<Long>, ItemRequest, Answer> checker =
        new LinearizabilityChecker<>(ItemRequest.ITEM);
    return histories.values().stream().allMatch(checker::check);
  }

  /** Whether all replicas came to the same position, and hold the same bytes there. */
  boolean replicasAgree() {
    nodes.values().forEach(SimulatedNode::flush);
    SimulatedNode first = nodes.values().iterator().next();
    LogPosition position = first.machine().appliedPosition();
    for (SimulatedNode node : nodes.values()) {
      if (!node.machine().appliedPosition().equals(position)) {
        return false;
      }
      for (Family family : Family.values()) {
        if (!same(first.store().all(family), node.store().all(family))) {
          return false;
        }
      }
    }
    return true;
  }

  static boolean same(NavigableMap<byte[], byte[]> one, NavigableMap<byte[], byte[]> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (Map.Entry<byte[], byte[]> row : one.entrySet()) {
      if (!Arrays.equals(row.getValue(), other.get(row.getKey()))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the counters say what the rows say. */
  boolean countersAreTrue() {
    SimulatedNode node = nodes.values().iterator().next();
    return node.machine().counters(7, 0).items() == node.store().all(Family.ITEMS).size();
  }

  int answers() {
    return answers;
  }

  int unknown() {
    return unknown;
  }

  Trace trace() {
    return simulation.trace();
  }

  // ---- faults ----------------------------------------------------------------------------------

  private void breakSomething() {
    if (!faulty) {
      return;
    }
    NodeId node = anyNode();
    switch (simulation.random().nextInt(8)) {
      case 0, 1 -> crash(node);
      case 2 -> members.forEach(member -> crash(member.node()));
      case 3, 4, 5 -> {
        network.isolate(node);
        simulation.after(pause(), () -> network.rejoin(node));
      }
      default -> {
        if (cluster.host(node) != null) {
          nodes.get(node).log().stepDown();
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
        new SimulatedNode(
            simulation,
            host,
            members,
            store,
            catalog,
            () -> millis() + skews.get(node),
            !bugs.contains(NodeBug.NO_TERM_GUARD)));
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
    return simulation.between(20 * Simulation.MILLIS, 600 * Simulation.MILLIS);
  }

  private NodeId anyNode() {
    return members.get(simulation.random().nextInt(members.size())).node();
  }

  private long millis() {
    return EPOCH_MILLIS + simulation.now() / Simulation.MILLIS;
  }

  // ---- clients ---------------------------------------------------------------------------------

  private void think(int client) {
    simulation.after(
        simulation.between(0, 30 * Simulation.MILLIS),
        () -> {
          if (asking) {
            new Call(client, anyRequests()).attempt(anyNode());
          }
        });
  }

  private List<ItemRequest> anyRequests() {
    int key = simulation.random().nextInt(KEYS);
    ItemRequest first = anyRequest(key);
    if (!(first instanceof ItemRequest.Get) && simulation.chance(0.2)) {
      ItemRequest second = anyRequest((key + 1) % KEYS);
      return second instanceof ItemRequest.Get ? List.of(first) : List.of(first, second);
    }
    return List.of(first);
  }

  private ItemRequest anyRequest(int key) {
    return switch (simulation.random().nextInt(10)) {
      case 0, 1 -> new ItemRequest.Put(key, nextValue++);
      case 2 -> new ItemRequest.PutIf(key, Math.max(1, nextValue - 2), nextValue++);
      case 3 -> new ItemRequest.PutIfAbsent(key, nextValue++);
      case 4, 5 -> new ItemRequest.Add(key, 1_000_000);
      case 6 -> new ItemRequest.Delete(key);
      default -> new ItemRequest.Get(key);
    };
  }

  /** One call of a client, until it knows or gives up. */
  private final class Call {
    private final int client;
    private final List<ItemRequest> requests;
    private final long invoked = simulation.now();
    private final long id = bugs.contains(NodeBug.NO_REQUEST_IDS) ? 0 : nextId;
    private final long sentMillis = millis();
    private int attempt;
    private boolean perhapsDone;

    Call(int client, List<ItemRequest> requests) {
      this.client = client;
      this.requests = requests;
      nextId += requests.size();
    }

    void attempt(NodeId node) {
      boolean[] over = {false};
      Consumer<Outcome> end =
          outcome -> {
            if (!over[0]) {
              over[0] = true;
              take(outcome);
            }
          };
      int number = attempt;
      simulation.after(network.delay(), () -> deliver(node, number, end));
      simulation.after(PATIENCE, () -> end.accept(new Outcome.Unknown()));
    }

    private void deliver(NodeId node, int number, Consumer<Outcome> end) {
      SimulatedHost host = cluster.host(node);
      if (host == null || lost()) {
        return;
      }
      Consumer<Outcome> reply =
          outcome -> {
            if (cluster.host(node) == host && !lost()) {
              simulation.after(network.delay(), () -> end.accept(outcome));
            }
          };
      if (requests.getFirst() instanceof ItemRequest.Get(int key)) {
        Client.get(nodes.get(node), table, key, reply);
      } else {
        WriteRequest request = Client.write(table, requests, id, number, sentMillis);
        Client.send(nodes.get(node), request, reply);
      }
    }

    private boolean lost() {
      return faulty && simulation.chance(0.02);
    }

    private void take(Outcome outcome) {
      switch (outcome) {
        case Outcome.Answered(List<Answer> given) -> {
          for (int i = 0; i < requests.size(); i++) {
            record(requests.get(i), given.get(i));
          }
          answers++;
          think(client);
        }
        case Outcome.NotDone _ -> again();
        case Outcome.Unknown _ -> {
          perhapsDone = true;
          again();
        }
      }
    }

    private void again() {
      attempt++;
      if (attempt < ATTEMPTS_MAX) {
        NodeId node = anyNode();
        simulation.after(
            simulation.between(5 * Simulation.MILLIS, 50 * Simulation.MILLIS), () -> attempt(node));
        return;
      }
      if (perhapsDone) {
        unknown++;
        for (ItemRequest request : requests) {
          simulation.note(client + ": " + request + " = ?");
          history(request).add(Operation.unknown(client, invoked, request));
        }
      }
      think(client);
    }

    private void record(ItemRequest request, Answer answer) {
      simulation.note(client + ": " + request + " = " + answer);
      history(request).add(new Operation<>(client, invoked, simulation.now(), request, answer));
    }
  }

  private List<Operation<ItemRequest, Answer>> history(ItemRequest request) {
    return histories.computeIfAbsent(request.key(), _ -> new ArrayList<>());
  }

  private void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError("seed " + simulation.seed() + ": " + message);
    }
  }
}
