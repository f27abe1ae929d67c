package io.equator.node.sim;

import io.equator.node.core.Family;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionRows;
import io.equator.node.core.RowRange;
import io.equator.node.core.SplitRows;
import io.equator.node.core.TreeStore;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeDescriptor.State;
import io.equator.proto.PartitionDescriptor;
import io.equator.replication.log.GroupId;
import io.equator.replication.sim.SimulatedCluster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What must be so when everything is well and at rest: every partition has its replicas, the
 * catalog and the groups agree on them, they hold the same bytes, and nobody else holds anything.
 */
final class MoveJudge {
  private final MoveRun run;
  private final SimulatedCluster cluster;

  MoveJudge(MoveRun run, SimulatedCluster cluster) {
    this.run = run;
    this.cluster = cluster;
  }

  /** What is not so yet. */
  List<String> unsettled() {
    run.dismiss();
    List<String> wrong = new ArrayList<>();
    Map<NodeId, MoveNode> running = run.running();
    long able =
        run.truth().nodes().stream()
            .filter(node -> node.getState() == State.ACTIVE)
            .filter(node -> running.containsKey(new NodeId(node.getNodeId())))
            .count();
    Map<NodeId, Set<Long>> held = new TreeMap<>();
    for (PartitionDescriptor partition : run.truth().partitionDescriptors()) {
      partition
          .getReplicaNodeIdsList()
          .forEach(
              node ->
                  held.computeIfAbsent(new NodeId(node), _ -> new TreeSet<>())
                      .add(partition.getPartitionId()));
      judge(partition, Math.min(3, able), running, wrong);
    }
    running.forEach(
        (node, each) -> {
          Set<Long> has = new TreeSet<>(MetaRows.partitions(each.store()));
          has.removeAll(held.getOrDefault(node, Set.of()));
          if (!has.isEmpty()) {
            wrong.add(node + " still has " + has);
          }
        });
    for (NodeDescriptor node : run.truth().nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      if (node.getState() == State.DRAINING || run.lost().contains(id)) {
        wrong.add(id + " is not empty: " + held.getOrDefault(id, Set.of()));
      }
    }
    return wrong;
  }

  private void judge(
      PartitionDescriptor partition,
      long wanted,
      Map<NodeId, MoveNode> running,
      List<String> wrong) {
    long id = partition.getPartitionId();
    String name = "partition " + id;
    boolean kept = partition.getState() == PartitionDescriptor.State.CLOSED && run.isRead(id);
    if (!kept
        && (partition.getState() != PartitionDescriptor.State.SERVING || partition.hasSplit())) {
      wrong.add("the split of " + name + " is not done: " + splitOf(partition, running));
    }
    if (!partition.getJoiningNodeId().isEmpty()) {
      wrong.add(name + " still moves to " + partition.getJoiningNodeId());
    }
    List<NodeId> replicas =
        partition.getReplicaNodeIdsList().stream().map(NodeId::new).sorted().toList();
    if (replicas.size() < wanted) {
      wrong.add(name + " has its replicas on " + replicas);
    }
    List<List<NodeId>> voters = cluster.voters(GroupId.ofPartition(id));
    if (!voters.equals(List.of(replicas))) {
      wrong.add(name + " is on " + replicas + " by the catalog, its group says " + voters);
    }
    @Nullable MoveNode first = null;
    for (NodeId node : replicas) {
      MoveNode holder = running.get(node);
      HostedPartition hosted = holder == null ? null : holder.partition(id);
      if (holder == null || hosted == null) {
        wrong.add(name + " is not served on " + node);
        continue;
      }
      if (hosted.machine().isCounting()) {
        wrong.add("the rows of " + name + " are not counted on " + node);
      }
      if (first == null) {
        first = holder;
      } else {
        String difference = difference(id, hosted.descriptor(), first.store(), holder.store());
        if (!difference.isEmpty()) {
          wrong.add(name + " differs on " + node + " in " + difference);
        }
      }
    }
  }

  private static String splitOf(PartitionDescriptor partition, Map<NodeId, MoveNode> running) {
    long id = partition.getPartitionId();
    List<String> told = new ArrayList<>();
    for (String node : partition.getReplicaNodeIdsList()) {
      MoveNode holder = running.get(new NodeId(node));
      HostedPartition hosted = holder == null ? null : holder.partition(id);
      told.add(
          node
              + (hosted == null || holder == null
                  ? " has it not"
                  : " sealed "
                      + (hosted.machine().sealed() != null)
                      + ", durable "
                      + hosted.machine().isSplitDurable()
                      + ", waited for "
                      + SplitRows.isWaitedFor(holder.store(), id)
                      + ", leads "
                      + hosted.leads()));
    }
    return partition.getState() + " " + told;
  }

  /** What differs first; empty when nothing does. */
  private static String difference(long id, Descriptor descriptor, TreeStore one, TreeStore other) {
    for (Family family : Family.values()) {
      NavigableMap<byte[], byte[]> here = rows(id, descriptor, family, one);
      NavigableMap<byte[], byte[]> there = rows(id, descriptor, family, other);
      if (!PartitionRun.same(here, there)) {
        return family + ": " + SplitRun.difference(here, there);
      }
    }
    return "";
  }

  private static NavigableMap<byte[], byte[]> rows(
      long id, Descriptor descriptor, Family family, TreeStore store) {
    NavigableMap<byte[], byte[]> all = store.all(family);
    NavigableMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);
    for (RowRange range : PartitionRows.of(store, family, id, descriptor)) {
      rows.putAll(all.subMap(range.lower(), range.upper()));
    }
    return rows;
  }
}
