package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which leadership should go to another node: a leader does more than its followers.
 *
 * <p>From the node that leads most to one of its partitions' followers that leads at least two
 * fewer; a difference of one is nobody's gain. One at a time, so a round sees what the one before
 * has done. Pure.
 */
final class LeaderBalance {
  /** A follower this many entries behind is not asked to lead. */
  static final long BEHIND_MAX = 1_000;

  private LeaderBalance() {}

  /** One leadership to hand over. */
  record Step(long partition, NodeId from, NodeId to) {}

  /**
   * The next step, if there is one.
   *
   * @param well whether a node may lead more
   */
  static Optional<Step> next(CatalogSnapshot snapshot, View view, Predicate<NodeDescriptor> well) {
    Map<NodeId, Integer> leads = new HashMap<>();
    Map<Long, NodeId> leaders = new HashMap<>();
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      Optional<NodeId> leader = view.leaderOf(partition.getPartitionId());
      leader.ifPresent(
          node -> {
            leads.merge(node, 1, Integer::sum);
            leaders.put(partition.getPartitionId(), node);
          });
      if (leader.isEmpty() || !partition.getJoiningNodeId().isEmpty()) {
        // Not while anything is under way: an election may be, too.
        return Optional.empty();
      }
    }
    return leaders.entrySet().stream()
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<Long, NodeId> entry) -> -leads.getOrDefault(entry.getValue(), 0))
                .thenComparing(Map.Entry::getKey))
        .flatMap(
            entry ->
                follower(snapshot, view, well, leads, entry.getKey(), entry.getValue()).stream()
                    .map(to -> new Step(entry.getKey(), entry.getValue(), to)))
        .findFirst();
  }

  private static Optional<NodeId> follower(
      CatalogSnapshot snapshot,
      View view,
      Predicate<NodeDescriptor> well,
      Map<NodeId, Integer> leads,
      long partition,
      NodeId leader) {
    long applied = view.replica(leader, partition).map(ReplicaStatus::getAppliedIndex).orElse(0L);
    return view.replica(leader, partition).stream()
        .flatMap(replica -> replica.getMemberNodeIdsList().stream())
        .map(NodeId::new)
        .filter(node -> !node.equals(leader))
        .filter(node -> snapshot.node(node).filter(well).isPresent())
        .filter(
            node ->
                view.replica(node, partition)
                    .filter(replica -> applied - replica.getAppliedIndex() <= BEHIND_MAX)
                    .isPresent())
        .filter(node -> leads.getOrDefault(node, 0) + 1 < leads.getOrDefault(leader, 0))
        .min(
            Comparator.comparingInt((NodeId node) -> leads.getOrDefault(node, 0))
                .thenComparing(Comparator.naturalOrder()));
  }
}
