package io.equator.node.core;

import static io.equator.node.core.TestTables.add;
import static io.equator.node.core.TestTables.set;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.partitioner.NodeId;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.Operand;
import io.equator.proto.Redirect;
import io.equator.proto.ReturnValues;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.sim.LinearizabilityChecker;
import io.equator.replication.sim.Operation;
import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.SequentialSpec;
import io.equator.replication.sim.SimulatedCluster;
import io.equator.replication.sim.SimulatedNetwork;
import io.equator.replication.sim.Simulation;
import io.equator.replication.sim.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One simulated run of a partition: three replicas with the real core over a model log and disks
 * that forget, clients that increment, compare and set and read counters and retry under their
 * request id, and faults; in the end everything heals, and the run is judged.
 */
final class PartitionRun {
  private static final GroupId GROUP = GroupId.ofPartition(1);
  private static final TableView TABLE = TestTables.view(TestTables.indexed(7));
  private static final int KEYS = 2;
  private static final int CLIENTS = 4;
  private static final int ATTEMPTS_MAX = 6;
  private static final long FAULTY_TIME = 3_000 * Simulation.MILLIS;
  private static final long HEALED_TIME = 3_000 * Simulation.MILLIS;
  private static final long ATTEMPT_PATIENCE = 150 * Simulation.MILLIS;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;

  /** What a client may ask of a counter. */
  sealed interface Request {
    int key();

    record Read(int key) implements Request {}

    record Increment(int key) implements Request {}

    record CompareAndSet(int key, int expected, int value) implements Request {}
  }

  /** The condition of a compare-and-set was false. */
  private static final int REFUSED = -1;

  /** A counter; an increment answers the new value, a compare-and-set its value or REFUSED. */
  private static final SequentialSpec<Integer, Request, Integer> COUNTER =
      new SequentialSpec<>() {
        @Override
        public Integer initial() {
          return 0;
        }

        @Override
        public Integer next(Integer state, Request input) {
          return switch (input) {
            case Request.Read _ -> state;
            case Request.Increment _ -> state + 1;
            case Request.CompareAndSet(_, int expected, int value) ->
                state == expected ? value : state;
          };
        }

        @Override
        public boolean allows(Integer state, Request input, Integer output) {
          return switch (input) {
            case Request.Read _ -> output.equals(state);
            case Request.Increment _ -> output == state + 1;
            case Request.CompareAndSet(_, int expected, int value) ->
                output == (state == expected ? value : REFUSED);
          };
        }
      };

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, Replica> replicas = new HashMap<>();
  private final Map<Integer, List<Operation<Request, Integer>>> histories = new HashMap<>();
  private final Set<Call> open = new LinkedHashSet<>();
  private boolean faulty = true;
  private long nextRequestId = 1;
  private int answers;
  private int retriesAnswered;

  /** A running replica; another object after each restart. */
  private record Replica(
      TreeStore store, PartitionMachine machine, ReplicatedLog log, PartitionWriter writer) {}

  PartitionRun(long seed, Set<PlantedBug> bugs) {
    this.simulation = new Simulation(seed);
    this.network =
        new SimulatedNetwork(
            simulation,
            new SimulatedNetwork.Faults(
                simulation.between(1, 12) * Simulation.MILLIS,
                0.05,
                simulation.chance(0.5) ? 0.02 : 0));
    this.cluster =
        new SimulatedCluster(
            simulation,
            network,
            bugs,
            (group, cause) -> {
              throw new AssertionError(group + " failed", cause);
            });
    for (String name : List.of("a", "b", "c")) {
      members.add(new Peer(new NodeId(name), name));
    }
  }

  static PartitionRun sound(long seed) {
    return new PartitionRun(seed, EnumSet.noneOf(PlantedBug.class));
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
    for (Peer member : members) {
      restart(member.node());
    }
    int before = answers;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME);
    if (answers == before) {
      throw new AssertionError(
          "seed " + simulation.seed() + ": nothing was answered after everything had healed");
    }
    return this;
  }

  /** Whether every key's history is linearizable; what is open at the end may have been made. */
  boolean linearizable() {
    for (Call call : open) {
      history(call.request).add(Operation.unknown(call.client, call.invoked, call.request));
    }
    open.clear();
    LinearizabilityChecker<Integer, Request, Integer> checker =
        new LinearizabilityChecker<>(COUNTER);
    return histories.values().stream().allMatch(checker::check);
  }

  /** Whether the replicas that have applied the same hold the same rows, in every family. */
  boolean replicasAgree() {
    Map<Long, String> byIndex = new HashMap<>();
    for (Replica replica : replicas.values()) {
      // Entries of the log's own move the position without a row; a flush writes it down.
      replica.machine.flush();
      StringBuilder rows = new StringBuilder();
      for (Family family : Family.values()) {
        rows.append(RowsText.of(replica.store.all(family))).append('\n');
      }
      String other =
          byIndex.putIfAbsent(replica.machine.appliedPosition().index(), rows.toString());
      if (other != null && !other.contentEquals(rows)) {
        return false;
      }
    }
    return true;
  }

  int answers() {
    return answers;
  }

  /** How many requests were answered in a later attempt than the first. */
  int retriesAnswered() {
    return retriesAnswered;
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
    switch (simulation.random().nextInt(7)) {
      case 0, 1 -> crash(node);
      case 2 -> members.forEach(member -> crash(member.node()));
      case 3, 4 -> {
        network.isolate(node);
        simulation.after(pause(), () -> network.rejoin(node));
      }
      default -> {
        if (cluster.host(node) != null) {
          replica(node).log.stepDown();
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

  private void flushSomewhere() {
    if (faulty) {
      NodeId node = anyNode();
      if (cluster.host(node) != null) {
        replica(node).machine.flush();
      }
      simulation.after(pause(), this::flushSomewhere);
    }
  }

  private void restart(NodeId node) {
    if (cluster.host(node) == null) {
      start(node, replica(node).store.afterPowerLoss());
    }
  }

  private Replica replica(NodeId node) {
    return Objects.requireNonNull(replicas.get(node));
  }

  private void start(NodeId node, TreeStore store) {
    PartitionMachine machine =
        new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
    ReplicatedLog log = cluster.start(node).open(GROUP, machine, members);
    HybridClock clock = new HybridClock(this::wallMillis, Duration.ofMillis(500));
    PartitionWriter writer =
        new PartitionWriter(
            log,
            machine,
            store,
            clock,
            1,
            this::wallMillis,
            new WriteLimits(4, 1 << 16, 2, 100, 1 << 20));
    replicas.put(node, new Replica(store, machine, log, writer));
  }

  private long wallMillis() {
    return EPOCH_MILLIS + simulation.now() / Simulation.MILLIS;
  }

  private long pause() {
    return simulation.between(20 * Simulation.MILLIS, 500 * Simulation.MILLIS);
  }

  private NodeId anyNode() {
    return members.get(simulation.random().nextInt(members.size())).node();
  }

  // ---- clients ---------------------------------------------------------------------------------

  private void think(int client) {
    simulation.after(
        simulation.between(0, 10 * Simulation.MILLIS),
        () -> {
          Request request = anyRequest();
          WriteRequest.Builder write = write(request, nextRequestId++);
          Call call = new Call(client, request, write, simulation.now());
          open.add(call);
          attempt(call, 0, anyNode());
        });
  }

  private Request anyRequest() {
    int key = simulation.random().nextInt(KEYS);
    return switch (simulation.random().nextInt(4)) {
      case 0 -> new Request.Read(key);
      case 1 ->
          new Request.CompareAndSet(
              key, simulation.random().nextInt(8), simulation.random().nextInt(8));
      default -> new Request.Increment(key);
    };
  }

  /** One request of a client in all its attempts; a client has one at a time. */
  private static final class Call {
    private final int client;
    private final Request request;
    private final WriteRequest.Builder write;
    private final long invoked;

    Call(int client, Request request, WriteRequest.Builder write, long invoked) {
      this.client = client;
      this.request = request;
      this.write = write;
      this.invoked = invoked;
    }
  }

  private sealed interface Answer {
    record Value(int value) implements Answer {}

    record Elsewhere(Redirect redirect) implements Answer {}

    record Silence() implements Answer {}
  }

  private void attempt(Call call, int attempt, NodeId node) {
    boolean[] over = {false};
    Consumer<Answer> end =
        answer -> {
          if (!over[0]) {
            over[0] = true;
            judge(call, attempt, answer);
          }
        };
    simulation.after(
        network.delay(), () -> serve(node, call, attempt, answer -> reply(answer, end)));
    simulation.after(ATTEMPT_PATIENCE, () -> end.accept(new Answer.Silence()));
  }

  private void reply(Answer answer, Consumer<Answer> end) {
    if (!faulty || !simulation.chance(0.05)) {
      simulation.after(network.delay(), () -> end.accept(answer));
    }
  }

  /** Takes an answer, or asks again under the same id, until patience ends: then nobody knows. */
  private void judge(Call call, int attempt, Answer answer) {
    if (answer instanceof Answer.Value(int value)) {
      open.remove(call);
      answers++;
      retriesAnswered += attempt > 0 ? 1 : 0;
      simulation.note(call.client + ": " + call.request + " = " + value);
      history(call.request)
          .add(new Operation<>(call.client, call.invoked, simulation.now(), call.request, value));
      think(call.client);
    } else if (attempt < ATTEMPTS_MAX) {
      NodeId next =
          answer instanceof Answer.Elsewhere(Redirect redirect)
                  && !redirect.getLeaderNodeId().isEmpty()
              ? new NodeId(redirect.getLeaderNodeId())
              : anyNode();
      simulation.after(
          simulation.between(0, 40 * Simulation.MILLIS), () -> attempt(call, attempt + 1, next));
    } else {
      open.remove(call);
      simulation.note(call.client + ": " + call.request + " = ?");
      history(call.request).add(Operation.unknown(call.client, call.invoked, call.request));
      think(call.client);
    }
  }

  private List<Operation<Request, Integer>> history(Request request) {
    return histories.computeIfAbsent(request.key(), _ -> new ArrayList<>());
  }

  // ---- a node's side ---------------------------------------------------------------------------

  private WriteRequest.Builder write(Request request, long id) {
    WriteRequest.Builder write =
        WriteRequest.newBuilder()
            .setRequestIdHigh(1)
            .setRequestIdLow(id << 8)
            .setFirstSentMillis(wallMillis());
    return switch (request) {
      case Request.Read _ -> write;
      case Request.Increment(int key) ->
          write.addWrites(returning(TestTables.update(TABLE, "k" + key, 1, add("n", 1))));
      case Request.CompareAndSet(int key, int expected, int value) ->
          write.addWrites(
              returning(TestTables.update(TABLE, "k" + key, 1, set("n", (long) value)))
                  .setCondition(equalTo(expected)));
    };
  }

  private static ItemWrite.Builder returning(ItemWrite write) {
    return write.toBuilder().setReturnValues(ReturnValues.ALL_NEW);
  }

  /** {@code n = expected}; a counter that was never written is 0. */
  private static Condition equalTo(int expected) {
    if (expected == 0) {
      return Condition.newBuilder()
          .setAny(
              io.equator.proto.Conditions.newBuilder()
                  .addConditions(TestTables.absent("n"))
                  .addConditions(comparison(0)))
          .build();
    }
    return comparison(expected);
  }

  private static Condition comparison(int expected) {
    return Condition.newBuilder()
        .setComparison(
            Comparison.newBuilder()
                .setComparator(Comparator.EQUAL)
                .setLeft(Operand.newBuilder().setPath(TestTables.path("n")))
                .setRight(
                    Operand.newBuilder()
                        .setValue(
                            com.google.protobuf.ByteString.copyFrom(
                                ItemCodec.encodeValue(TestTables.value((long) expected))))))
        .build();
  }

  private void serve(NodeId node, Call call, int attempt, Consumer<Answer> answer) {
    if (cluster.host(node) == null) {
      return;
    }
    Replica replica = replica(node);
    Consumer<Answer> alive =
        value -> {
          if (cluster.host(node) != null && replicas.get(node) == replica) {
            answer.accept(value);
          }
        };
    if (call.request instanceof Request.Read(int key)) {
      read(replica, key, alive);
      return;
    }
    replica.writer.write(
        call.write.clone().setAttempt(attempt).build(),
        List.of(TABLE),
        response -> alive.accept(answerOf(call.request, response)));
  }

  private static Answer answerOf(Request request, WriteResponse response) {
    if (response.hasRedirect()) {
      return new Answer.Elsewhere(response.getRedirect());
    }
    WriteResult result = response.getResults().getResults(0);
    if (result.hasConditionFailed()) {
      return new Answer.Value(REFUSED);
    }
    if (!result.hasWritten()) {
      throw new AssertionError(request + ": " + result);
    }
    return new Answer.Value(n(EncodedItem.wrap(result.getWritten().getAttributes())));
  }

  private void read(Replica replica, int key, Consumer<Answer> answer) {
    var _ =
        replica
            .log
            .confirmLeadership()
            .thenAccept(
                leads ->
                    answer.accept(
                        leads
                            ? new Answer.Value(stored(replica, key))
                            : new Answer.Elsewhere(hint(replica))));
  }

  private static Redirect hint(Replica replica) {
    return replica.log.leadership() instanceof Leadership.Follower(_, var leader)
        ? Redirects.notLeader(leader)
        : Redirect.getDefaultInstance();
  }

  private static int stored(Replica replica, int key) {
    GetResult result =
        new PartitionReader(replica.store, TestTables.EVERYTHING)
            .get(
                GetRequest.newBuilder()
                    .addGets(
                        ItemGet.newBuilder()
                            .setTable(TABLE.reference())
                            .setKey(TestTables.key("k" + key, 1)))
                    .build())
            .getResults(0);
    return result.hasItem() ? n(EncodedItem.wrap(result.getItem())) : 0;
  }

  private static int n(EncodedItem item) {
    var value = item.find("n");
    return value == null ? 0 : Integer.parseInt(value.number().toString());
  }
}
