package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.partitioner.NodeId;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Groups whose members are not those that the catalog names, though nothing is moved: what is left
 * when a move was given up because the joining node was gone, and its group took it in at that very
 * moment, perhaps in the place of another one. A member that is not named counts for the majority
 * and nobody looks after it; one that is named and no member is a replica less.
 *
 * <p>A group counts as one only after it has been so for {@link #PATIENCE}: a leader's answer is
 * newer than this node's copy of the catalog, which for a moment does not show what is under way.
 * The catalog itself is asked before anything is done.
 *
 * <p>Used by one thread.
 */
final class StrayMembers {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private record Seen(List<String> members, List<String> named, long nanos) {}

  /**
   * A change that makes a group again what the catalog says.
   *
   * @param before the members that it has
   * @param after one fewer, one more, or both
   */
  record Repair(long partition, NodeId leader, List<String> before, List<String> after) {}

  private final LongSupplier nanos;
  private final Map<Long, Seen> seen = new HashMap<>();

  /**
   * @param nanos the time
   */
  StrayMembers(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** What to do about a partition, if anything. */
  Optional<Repair> look(PartitionDescriptor partition, View view) {
    long id = partition.getPartitionId();
    List<String> named = partition.getReplicaNodeIdsList();
    Optional<NodeId> leader = view.leaderOf(id);
    List<String> members =
        leader
            .flatMap(node -> view.replica(node, id))
            .map(ReplicaStatus::getMemberNodeIdsList)
            .map(List::<String>copyOf)
            .orElse(List.of());
    boolean settled =
        leader
            .flatMap(node -> view.replica(node, id))
            .filter(replica -> !replica.getMembersChanging())
            .isPresent();
    // A member does not go before another can come; who is gone is moved away by a move.
    boolean canCome =
        named.stream()
            .allMatch(node -> members.contains(node) || view.isOpen(new NodeId(node), id));
    if (leader.isEmpty()
        || !settled
        || !canCome
        || new HashSet<>(members).equals(new HashSet<>(named))
        || !partition.getJoiningNodeId().isEmpty()) {
      seen.remove(id);
      return Optional.empty();
    }
    Seen before = seen.get(id);
    if (before == null || !before.members.equals(members) || !before.named.equals(named)) {
      seen.put(id, new Seen(members, List.copyOf(named), nanos.getAsLong()));
      return Optional.empty();
    }
    if (nanos.getAsLong() - before.nanos < PATIENCE.toNanos()) {
      return Optional.empty();
    }
    List<String> after = ReplicaSteps.towards(members, named);
    return Optional.of(new Repair(id, leader.get(), members, after));
  }
}
