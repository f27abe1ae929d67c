package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One simulated run: three replicas of one group of registers, clients that read, write and compare
 * and set, and faults; in the end everything heals, and the run is judged.
 */
final class RegisterRun {

  private static final GroupId GROUP = GroupId.ofPartition(1);
  private static final int KEYS = 3;
  private static final int CLIENTS = 4;
  private static final long FAULTY_TIME = 3_000 * Simulation.MILLIS;
  private static final long HEALED_TIME = 3_000 * Simulation.MILLIS;
  private static final long CLIENT_PATIENCE = 200 * Simulation.MILLIS;

  /** What a client may ask of a register. */
  sealed interface Request {
    int key();

    record Read(int key) implements Request {}

    record Write(int key, int value) implements Request {}

    record CompareAndSet(int key, int expected, int value) implements Request {}
  }

  /** A register; a read answers its value, the others whether they wrote (1 or 0). */
  static final SequentialSpec<Integer, Request, Integer> REGISTER =
      new SequentialSpec<>() {
        @Override
        public Integer initial() {
          return 0;
        }

        @Override
        public Integer next(Integer state, Request input) {
          return switch (input) {
            case Request.Read _ -> state;
            case Request.Write(_, int value) -> value;
            case Request.CompareAndSet(_, int expected, int value) ->
                state == expected ? value : state;
          };
        }

        @Override
        public boolean allows(Integer state, Request input, Integer output) {
          return switch (input) {
            case Request.Read _ -> output.equals(state);
            case Request.Write _ -> output == 1;
            case Request.CompareAndSet(_, int expected, _) -> output == (state == expected ? 1 : 0);
          };
        }
      };

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final boolean guarded;
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, Replica> replicas = new HashMap<>();
  private final Map<Integer, List<Operation<Request, Integer>>> histories = new HashMap<>();
  private boolean faulty = true;
  private int nextValue = 1;
  private int answers;

  /** A running replica with the latches of its leader. */
  private record Replica(RegisterStore store, ReplicatedLog log, Set<Integer> latches) {}

  RegisterRun(long seed, Set<PlantedBug> bugs, boolean guarded) {
    this.simulation = new Simulation(seed);
    this.guarded = guarded;
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

  static RegisterRun sound(long seed) {
    return new RegisterRun(seed, EnumSet.noneOf(PlantedBug.class), true);
  }

  /** Runs to the end. */
  RegisterRun run() {
    members.forEach(member -> start(member.node(), new RegisterStore(guarded)));
    for (int client = 0; client < CLIENTS; client++) {
      think(client);
    }
    simulation.after(pause(), this::breakSomething);
    simulation.after(pause(), this::flushSomewhere);
    simulation.runUntil(FAULTY_TIME);
    faulty = false;
    network.heal();
    for (Peer member : members) {
      if (cluster.host(member.node()) == null) {
        restart(member.node());
      }
    }
    int before = answers;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME);
    check(answers > before, "nothing was answered after everything had healed");
    return this;
  }

  /** Whether every key's history is linearizable. */
  boolean linearizable() {
    LinearizabilityChecker<Integer, Request, Integer> checker =
        new LinearizabilityChecker<>(REGISTER);
    return histories.values().stream().allMatch(checker::check);
  }

  /** Whether the replicas that have applied the same hold the same. */
  boolean replicasAgree() {
    Map<Long, Map<Integer, Integer>> byIndex = new HashMap<>();
    for (Replica replica : replicas.values()) {
      RegisterStore store = replica.store;
      Map<Integer, Integer> other = byIndex.putIfAbsent(store.position().index(), store.values());
      if (other != null && !other.equals(store.values())) {
        return false;
      }
    }
    return true;
  }

  int answers() {
    return answers;
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
    Replica replica = replica(anyNode());
    if (faulty) {
      replica.store.flush();
      simulation.after(pause(), this::flushSomewhere);
    }
  }

  private void restart(NodeId node) {
    if (cluster.host(node) == null) {
      start(node, replica(node).store.reopen());
    }
  }

  private void start(NodeId node, RegisterStore store) {
    ReplicatedLog log = cluster.start(node).open(GROUP, store, members);
    replicas.put(node, new Replica(store, log, new HashSet<>()));
  }

  private Replica replica(NodeId node) {
    return Objects.requireNonNull(replicas.get(node));
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
        simulation.between(0, 20 * Simulation.MILLIS), () -> ask(client, anyRequest(), anyNode()));
  }

  private Request anyRequest() {
    int key = simulation.random().nextInt(KEYS);
    return switch (simulation.random().nextInt(3)) {
      case 0 -> new Request.Write(key, nextValue++);
      case 1 -> new Request.CompareAndSet(key, Math.max(0, nextValue - 2), nextValue++);
      default -> new Request.Read(key);
    };
  }

  /** Sends one request to one node; refused ones are dropped, as if they had never been. */
  private void ask(int client, Request request, NodeId node) {
    long invoked = simulation.now();
    boolean[] over = {false};
    Consumer<Answer> end =
        answer -> {
          if (!over[0]) {
            over[0] = true;
            record(client, request, invoked, answer);
            think(client);
          }
        };
    simulation.after(network.delay(), () -> serve(node, request, answer -> reply(answer, end)));
    simulation.after(CLIENT_PATIENCE, () -> end.accept(new Answer.Unknown()));
  }

  private void reply(Answer answer, Consumer<Answer> end) {
    if (!faulty || !simulation.chance(0.01)) {
      simulation.after(network.delay(), () -> end.accept(answer));
    }
  }

  private sealed interface Answer {
    record Value(int value) implements Answer {}

    /** Refused, and certainly not done. */
    record Refused() implements Answer {}

    record Unknown() implements Answer {}
  }

  private void record(int client, Request request, long invoked, Answer answer) {
    List<Operation<Request, Integer>> history =
        histories.computeIfAbsent(request.key(), _ -> new ArrayList<>());
    switch (answer) {
      case Answer.Value(int value) -> {
        answers++;
        simulation.note(client + ": " + request + " = " + value);
        history.add(new Operation<>(client, invoked, simulation.now(), request, value));
      }
      case Answer.Unknown _ -> {
        simulation.note(client + ": " + request + " = ?");
        history.add(Operation.unknown(client, invoked, request));
      }
      case Answer.Refused _ -> {}
    }
  }

  // ---- a node's side ---------------------------------------------------------------------------

  private void serve(NodeId node, Request request, Consumer<Answer> answer) {
    if (cluster.host(node) == null) {
      answer.accept(new Answer.Refused());
      return;
    }
    Replica replica = replica(node);
    if (!(replica.log.leadership() instanceof Leadership.Leader(long term, boolean ready))
        || !ready) {
      answer.accept(new Answer.Refused());
      return;
    }
    switch (request) {
      case Request.Read(int key) -> confirmed(node, replica, replica.store.read(key), answer);
      case Request.Write(int key, int value) -> write(replica, term, key, value, answer);
      case Request.CompareAndSet(int key, int expected, int value) -> {
        if (replica.latches.contains(key)) {
          answer.accept(new Answer.Refused());
        } else if (replica.store.read(key) == expected) {
          write(replica, term, key, value, answer);
        } else {
          // A refusal is an answer about the state, so it needs to be confirmed like a read.
          confirmed(node, replica, 0, answer);
        }
      }
    }
  }

  private void confirmed(NodeId node, Replica replica, int value, Consumer<Answer> answer) {
    var _ =
        replica
            .log
            .confirmLeadership()
            .thenAccept(
                leads -> {
                  if (cluster.host(node) != null) {
                    answer.accept(leads ? new Answer.Value(value) : new Answer.Refused());
                  }
                });
  }

  private void write(Replica replica, long term, int key, int value, Consumer<Answer> answer) {
    if (!replica.latches.add(key)) {
      answer.accept(new Answer.Refused());
      return;
    }
    // Deciding takes its time: the term may change before the entry is proposed.
    simulation.after(
        simulation.chance(0.05) ? simulation.between(0, 1_500 * Simulation.MILLIS) : 0,
        () -> {
          var _ =
              replica
                  .log
                  .propose(term, RegisterStore.entry(term, key, value))
                  .thenAccept(
                      outcome -> {
                        replica.latches.remove(key);
                        answer.accept(
                            switch (outcome) {
                              case Proposal.Applied(_, _, Object done) ->
                                  Boolean.TRUE.equals(done)
                                      ? new Answer.Value(1)
                                      : new Answer.Refused();
                              case Proposal.NotLeader _, Proposal.Overloaded _ ->
                                  new Answer.Refused();
                              case Proposal.Indeterminate _ -> new Answer.Unknown();
                            });
                      });
        });
  }

  private void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError("seed " + simulation.seed() + ": " + message);
    }
  }
}
