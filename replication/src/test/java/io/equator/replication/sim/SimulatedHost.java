package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.log.TermConfirmer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One node's replicas in the simulator, from its start to its crash. */
public final class SimulatedHost implements LogHost {

  private final SimulatedCluster cluster;
  private final NodeId node;
  private final TermConfirmer confirmer;
  private final Map<GroupId, SimulatedReplica> replicas = new TreeMap<>();

  SimulatedHost(SimulatedCluster cluster, NodeId node) {
    this.cluster = cluster;
    this.node = node;
    this.confirmer = new TermConfirmer(node, cluster.probe(node), cluster.simulation().executor());
  }

  @Override
  public NodeId node() {
    return node;
  }

  @Override
  public ReplicatedLog open(GroupId group, LogMachine machine, List<Peer> members) {
    SimulatedReplica replica =
        new SimulatedReplica(
            cluster,
            node,
            group,
            machine,
            confirmer,
            Configuration.of(members.stream().map(Peer::node).toList()));
    if (replicas.putIfAbsent(group, replica) != null) {
      throw new IllegalStateException(group + " is open already on " + node);
    }
    replica.start();
    return replica;
  }

  @Override
  public Optional<ReplicatedLog> replica(GroupId group) {
    return Optional.ofNullable(replicas.get(group));
  }

  @Override
  public long currentTerm(GroupId group) {
    SimulatedReplica replica = replicas.get(group);
    return replica == null ? 0 : replica.currentTerm();
  }

  @Override
  public boolean has(GroupId group) {
    return cluster.hasDisk(node, group);
  }

  @Override
  public void begin(GroupId group) {
    cluster.begin(node, group);
  }

  @Override
  public void align(GroupId group, LogPosition state) {
    cluster.align(node, group, state);
  }

  /** Closes a replica and keeps its log. */
  public void close(GroupId group) {
    SimulatedReplica replica = replicas.remove(group);
    if (replica != null) {
      replica.close();
    }
  }

  @Override
  public void discard(GroupId group) {
    SimulatedReplica replica = replicas.remove(group);
    if (replica != null) {
      replica.close();
    }
    cluster.discard(node, group);
  }

  @Override
  public void close() {
    replicas.values().forEach(SimulatedReplica::close);
  }

  @Nullable SimulatedReplica simulated(GroupId group) {
    return replicas.get(group);
  }

  void crash() {
    replicas.values().forEach(SimulatedReplica::crash);
    replicas.clear();
  }
}
