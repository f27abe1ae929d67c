package io.equator.coordinator.cluster;

import io.equator.partitioner.MovePlanner.Move;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.replication.catalog.CatalogCommands;
import io.equator.replication.catalog.CatalogKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The commits by which replicas change, each a compare-and-set on the object that it changes.
 *
 * <p>Used by the reconciler and by operators; whoever comes second finds another state and does
 * nothing.
 */
public final class ReplicaSteps {
  private final CatalogCommands catalog;

  /** Steps that are written to this catalog. */
  public ReplicaSteps(CatalogCommands catalog) {
    this.catalog = catalog;
  }

  /** What became of a step. */
  public sealed interface Step {
    /** It is written down. */
    record Made() implements Step {}

    /** Nothing was changed. */
    record Refused(String why) implements Step {}
  }

  /** Begins a move; refused when the partition is not as the move takes it to be. */
  public Step begin(Move move) {
    return partition(
        move.partition().value(),
        now -> {
          if (isBeingSplit(now)) {
            return refusal(move.partition() + " is being split");
          }
          if (!now.getJoiningNodeId().isEmpty()) {
            return refusal(
                move.partition() + " is changing already: " + now.getJoiningNodeId() + " joins");
          }
          if (now.getReplicaNodeIdsList().contains(move.to().value())) {
            return refusal(move.to() + " has a replica of " + move.partition() + " already");
          }
          if (move.from().isPresent()
              && !now.getReplicaNodeIdsList().contains(move.from().get().value())) {
            return refusal(move.from().get() + " has no replica of " + move.partition());
          }
          return change(
              now.toBuilder()
                  .setJoiningNodeId(move.to().value())
                  .setLeavingNodeId(move.from().map(NodeId::value).orElse(""))
                  .build());
        });
  }

  private static boolean isBeingSplit(PartitionDescriptor now) {
    return now.getState() == PartitionDescriptor.State.EMBRYO
        || (now.hasSplit() && now.getState() == PartitionDescriptor.State.SERVING);
  }

  /** Ends a move whose members rule the group now. */
  public Step end(PartitionDescriptor moving) {
    return settle(moving, after(moving));
  }

  /**
   * Ends a move whose group has taken another way: a change that was given up came about after all,
   * and a member that it should have is gone. What it has is what the catalog names from now on,
   * also who was to leave: the next move begins there.
   *
   * @param members that rule the group now
   */
  public Step settle(PartitionDescriptor moving, List<String> members) {
    return partition(
        moving.getPartitionId(),
        now ->
            sameMove(now, moving)
                ? change(
                    now.toBuilder()
                        .clearReplicaNodeIds()
                        .addAllReplicaNodeIds(members)
                        .clearJoiningNodeId()
                        .clearLeavingNodeId()
                        .build())
                : refusal("the move is another one by now"));
  }

  /** Gives up a move whose new member has not been taken in. */
  public Step abandon(PartitionDescriptor moving) {
    return partition(
        moving.getPartitionId(),
        now ->
            sameMove(now, moving)
                ? change(now.toBuilder().clearJoiningNodeId().clearLeavingNodeId().build())
                : refusal("the move is another one by now"));
  }

  private static boolean sameMove(PartitionDescriptor now, PartitionDescriptor then) {
    return now.getJoiningNodeId().equals(then.getJoiningNodeId())
        && now.getLeavingNodeId().equals(then.getLeavingNodeId())
        && now.getReplicaNodeIdsList().equals(then.getReplicaNodeIdsList());
  }

  /** The replicas when the move has ended. */
  public static List<String> after(PartitionDescriptor moving) {
    List<String> after = new ArrayList<>(moving.getReplicaNodeIdsList());
    after.remove(moving.getLeavingNodeId());
    after.add(moving.getJoiningNodeId());
    return after;
  }

  /**
   * The next members on the way of a move from those that a group has. Who joins comes before
   * others that are missing, and of these only those that can come.
   *
   * @param canCome whether a node has a replica open
   */
  static List<String> towards(
      PartitionDescriptor moving, List<String> members, Predicate<String> canCome) {
    String joining = moving.getJoiningNodeId();
    boolean first = !members.contains(joining);
    List<String> wanted = after(moving);
    wanted.removeIf(
        node -> !members.contains(node) && (first ? !node.equals(joining) : !canCome.test(node)));
    return towards(members, wanted);
  }

  /**
   * The next members on the way from some to others: at most one more and one fewer, since a group
   * takes no greater steps.
   */
  static List<String> towards(List<String> members, List<String> wanted) {
    List<String> next = new ArrayList<>(members);
    members.stream()
        .filter(member -> !wanted.contains(member))
        .sorted()
        .findFirst()
        .ifPresent(next::remove);
    wanted.stream()
        .filter(member -> !members.contains(member))
        .sorted()
        .findFirst()
        .ifPresent(next::add);
    return List.copyOf(next);
  }

  /** Changes a node's object, if it is there. */
  public Step node(NodeId id, UnaryOperator<NodeDescriptor> change) {
    String key = CatalogKeys.node(id.value());
    Optional<CatalogObject> found = read(key);
    if (found.isEmpty()) {
      return new Step.Refused("there is no node " + id);
    }
    return commit(
        found.get(), found.get().toBuilder().setNode(change.apply(found.get().getNode())).build());
  }

  /** Removes a node that holds nothing. */
  public Step remove(NodeId id) {
    Optional<CatalogObject> found = read(CatalogKeys.node(id.value()));
    if (found.isEmpty()) {
      return new Step.Refused("there is no node " + id);
    }
    CatalogCommitRequest commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(unchanged(found.get()))
            .addDeletes(found.get().getKey())
            .build();
    return made(commit);
  }

  private sealed interface Decision {
    record Change(PartitionDescriptor next) implements Decision {}

    record Refusal(String why) implements Decision {}
  }

  private static Decision change(PartitionDescriptor next) {
    return new Decision.Change(next);
  }

  private static Decision refusal(String why) {
    return new Decision.Refusal(why);
  }

  private interface Decider {
    Decision decide(PartitionDescriptor now);
  }

  private Step partition(long id, Decider decider) {
    String key = CatalogKeys.partition(id);
    Optional<CatalogObject> found = read(key);
    if (found.isEmpty()) {
      return new Step.Refused("there is no partition " + id);
    }
    return switch (decider.decide(found.get().getPartition())) {
      case Decision.Refusal(String why) -> new Step.Refused(why);
      case Decision.Change(PartitionDescriptor next) ->
          commit(found.get(), found.get().toBuilder().setPartition(next).build());
    };
  }

  private Optional<CatalogObject> read(String key) {
    return catalog.read(List.of(key)).getObjectsList().stream().findFirst();
  }

  private Step commit(CatalogObject before, CatalogObject after) {
    return made(
        CatalogCommitRequest.newBuilder().addComparisons(unchanged(before)).addPuts(after).build());
  }

  private static CatalogComparison unchanged(CatalogObject object) {
    return CatalogComparison.newBuilder()
        .setKey(object.getKey())
        .setVersion(object.getVersion())
        .build();
  }

  private Step made(CatalogCommitRequest commit) {
    return catalog.commit(commit).getOutcome() == Outcome.COMMITTED
        ? new Step.Made()
        : new Step.Refused("somebody else has changed it at the same time");
  }
}
