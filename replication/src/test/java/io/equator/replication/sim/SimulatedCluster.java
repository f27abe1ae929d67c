package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost.FailureListener;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.TermProbe;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The nodes of a simulated cluster: which of them run, and what stands on their disks. */
public final class SimulatedCluster {

  private static final long PROBE_TIMEOUT = 150 * Simulation.MILLIS;

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final Set<PlantedBug> bugs;
  private final FailureListener failures;
  private final Map<NodeId, SimulatedHost> running = new HashMap<>();
  private final Map<NodeId, Map<GroupId, SimulatedDisk>> disks = new HashMap<>();
  private final Map<GroupId, SafetyLedger> ledgers = new HashMap<>();
  private boolean preVotes;
  private final Map<GroupId, Configuration> founders = new HashMap<>();

  /**
   * A cluster without nodes.
   *
   * @param bugs what is broken on purpose
   * @param failures learns of replicas that stopped themselves
   */
  public SimulatedCluster(
      Simulation simulation,
      SimulatedNetwork network,
      Set<PlantedBug> bugs,
      FailureListener failures) {
    this.simulation = simulation;
    this.network = network;
    this.bugs = bugs;
    this.failures = failures;
  }

  /** Who would not be elected raises no terms: for groups whose members change. */
  public SimulatedCluster withPreVotes() {
    preVotes = true;
    return this;
  }

  boolean preVotes() {
    return preVotes;
  }

  /** Starts a node's log host; its groups are opened by the caller. */
  public SimulatedHost start(NodeId node) {
    SimulatedHost host = new SimulatedHost(this, node);
    if (running.putIfAbsent(node, host) != null) {
      throw new IllegalStateException(node + " runs already");
    }
    simulation.note("start " + node);
    return host;
  }

  /**
   * Ends a node as loss of power does: nothing of it runs any more, nothing is answered, and what
   * was not flushed is gone.
   */
  public void crash(NodeId node) {
    SimulatedHost host = running.remove(node);
    if (host != null) {
      simulation.note("crash " + node);
      host.crash();
    }
  }

  /** The host of a node, when it runs. */
  public @Nullable SimulatedHost host(NodeId node) {
    return running.get(node);
  }

  Simulation simulation() {
    return simulation;
  }

  SimulatedNetwork network() {
    return network;
  }

  boolean has(PlantedBug bug) {
    return bugs.contains(bug);
  }

  FailureListener failures() {
    return failures;
  }

  SimulatedDisk disk(NodeId node, GroupId group) {
    return disks
        .computeIfAbsent(node, _ -> new HashMap<>())
        .computeIfAbsent(group, _ -> new SimulatedDisk());
  }

  SafetyLedger ledger(GroupId group) {
    return ledgers.computeIfAbsent(group, _ -> new SafetyLedger(!bugs.isEmpty()));
  }

  void founded(GroupId group, Configuration founders) {
    if (this.founders.putIfAbsent(group, founders) == null) {
      ledger(group).founded(founders);
    }
  }

  boolean hasDisk(NodeId node, GroupId group) {
    SimulatedDisk disk = disks.getOrDefault(node, Map.of()).get(group);
    return disk != null && disk.isBegun();
  }

  /** Those with whom a group began, before anything was applied. */
  Configuration founders(GroupId group) {
    return founders.getOrDefault(group, Configuration.NONE);
  }

  void begin(NodeId node, GroupId group) {
    if (!hasDisk(node, group)) {
      disk(node, group).begin(Configuration.NONE);
    }
  }

  void align(NodeId node, GroupId group, LogPosition state) {
    if (hasDisk(node, group)) {
      disk(node, group)
          .beginBehind(state, ledger(group).configurationAt((int) state.index(), founders(group)));
    }
  }

  void discard(NodeId node, GroupId group) {
    if (hasDisk(node, group)) {
      ledger(group).discarded(node);
      disks.getOrDefault(node, Map.of()).remove(group);
    }
  }

  /** A group is not needed any more: everybody may throw its log away. */
  public void end(GroupId group) {
    ledger(group).end();
  }

  /** Who votes in a group by what is committed; two sets when its members are changing. */
  public List<List<NodeId>> voters(GroupId group) {
    Configuration ruling = ledger(group).configuration();
    return ruling.isJoint()
        ? List.of(ruling.current(), ruling.previous())
        : List.of(ruling.current());
  }

  /** A node's disk is lost, and what it has promised with it. It must not run. */
  public void wipe(NodeId node) {
    simulation.note("wipe " + node);
    disks.remove(node);
  }

  /** How a node asks others for their terms: over the network, with a deadline. */
  TermProbe probe(NodeId from) {
    return (to, groups) -> {
      CompletableFuture<long[]> answer = new CompletableFuture<>();
      List<GroupId> asked = List.copyOf(groups);
      network.send(
          from,
          to,
          () -> {
            SimulatedHost host = running.get(to);
            if (host != null) {
              long[] terms = asked.stream().mapToLong(host::currentTerm).toArray();
              network.send(to, from, () -> answer.complete(terms));
            }
          });
      simulation.after(
          PROBE_TIMEOUT,
          () -> {
            if (!answer.isDone()) {
              answer.completeExceptionally(new IllegalStateException("no answer from " + to));
            }
          });
      return answer;
    };
  }
}
