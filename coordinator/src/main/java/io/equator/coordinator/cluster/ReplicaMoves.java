package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.partitioner.MovePlanner;
import io.equator.partitioner.MovePlanner.Holding;
import io.equator.partitioner.MovePlanner.Move;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.partitioner.PlacementNode;
import io.equator.proto.Member;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeDescriptor.State;
import io.equator.proto.NodeStatus;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogCommands;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps by which replicas come to where they should be. Every round looks at what should be and
 * at what is, and makes the next step of each move:
 *
 * <pre>
 *   planned ──commit──▶ joining (leaving) written down
 *     the joining node opens an empty replica
 *     the leader, if it is to leave, hands over
 *     the leader changes the members: the new one is brought up to date, then one joint change
 *     the new configuration is committed, so those that leave count for nothing any more
 *   ──commit──▶ replicas written down; the node that left throws its copy away
 * </pre>
 *
 * <p>Steps may be repeated and may overlap with those of an older leader that does not know yet
 * that it is one: every one of them is a compare-and-set, in the catalog or in the group.
 *
 * <p>Owns no thread and no clock; what it remembers may be forgotten at any time. {@code
 * MoveSimulationTest} breaks it. Used by one thread.
 */
public final class ReplicaMoves {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaMoves.class);

  /** A successor leads within this time, or is asked for again. */
  private static final Duration TRANSFER_WITHIN = Duration.ofSeconds(10);

  private static final long CATALOG = 0;

  /** What the leaders of groups are asked for; partition 0 is the catalog. */
  public interface Groups {
    /**
     * Asks a leader to change the members of its group, one question for each group at a time.
     * Returns at once; what came of it shows in the next view.
     */
    void change(NodeId leader, long partition, List<Member> before, List<Member> after);

    /** Asks a leader to hand over. Returns soon; what came of it shows in the next view. */
    void transfer(NodeId leader, long partition, NodeId successor);
  }

  private final CatalogCommands catalog;
  private final ReplicaSteps steps;
  private final StrayMembers strays;
  private final ReplicaRules rules;
  private final LongSupplier nanos;
  private final Groups groups;
  private final Map<Long, Long> transfers = new HashMap<>();

  /**
   * @param nanos a clock that never goes back
   */
  public ReplicaMoves(
      CatalogCommands catalog, ReplicaRules rules, LongSupplier nanos, Groups groups) {
    this.catalog = catalog;
    this.steps = new ReplicaSteps(catalog);
    this.strays = new StrayMembers(nanos);
    this.rules = rules;
    this.nanos = nanos;
    this.groups = groups;
  }

  /**
   * Makes the next steps. Blocks for as long as commits to the catalog take.
   *
   * @param snapshot what should be, as far as is known here
   * @param view how the nodes say that they are
   * @throws CatalogUnavailableException when it is not known what became of a step; nothing is lost
   *     when the round ends there
   */
  public void round(CatalogSnapshot snapshot, View view) {
    if (snapshot.cluster().isEmpty()) {
      return;
    }
    catalogMembers(snapshot, view);
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      if (!partition.getJoiningNodeId().isEmpty()) {
        drive(snapshot, view, partition);
      } else {
        strays
            .look(partition, view)
            .filter(_ -> isStill(partition))
            .ifPresent(repair -> letGo(snapshot, repair));
      }
    }
    plan(snapshot, view);
    LeaderBalance.next(snapshot, view, node -> isWell(view, node))
        .ifPresent(
            step -> {
              LOG.debug(
                  "partition {} is to be led by {}: {} leads more",
                  step.partition(),
                  step.to(),
                  step.from());
              transfer(step.from(), step.partition(), step.to());
            });
  }

  // ---- the nodes
  // ----------------------------------------------------------------------------------

  private boolean isWell(View view, NodeDescriptor node) {
    NodeId id = new NodeId(node.getNodeId());
    return !node.getStoresNothing()
        && node.getState() == State.ACTIVE
        && view.silence(id).compareTo(rules.suspectAfter()) < 0
        && (!view.answers().containsKey(id)
            || (view.answers().get(id).getUnfit().isEmpty()
                && view.answers().get(id).getStrained().isEmpty()));
  }

  private Optional<String> mustGive(View view, NodeDescriptor node) {
    if (node.getState() == State.DRAINING) {
      return Optional.of(node.getNodeId() + " is drained");
    }
    Duration silence = view.silence(new NodeId(node.getNodeId()));
    return silence.compareTo(rules.repairAfter()) >= 0
        ? Optional.of(node.getNodeId() + " has been away for " + silence.toSeconds() + " s")
        : Optional.empty();
  }

  // ---- new moves
  // ----------------------------------------------------------------------------------

  private void plan(CatalogSnapshot snapshot, View view) {
    List<PlacementNode> takers = new ArrayList<>();
    Map<NodeId, String> givers = new LinkedHashMap<>();
    for (NodeDescriptor node : snapshot.nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      Optional<String> mustGive = mustGive(view, node);
      if (mustGive.isPresent()) {
        givers.put(id, mustGive.get());
      } else if (isWell(view, node)) {
        takers.add(
            new PlacementNode(id, node.getZone(), node.getWeight() > 0 ? node.getWeight() : 1));
      }
    }
    List<Holding> holdings =
        snapshot.partitionDescriptors().stream()
            .filter(partition -> isServing(partition) || mayMoveKept(partition, view))
            .map(ReplicaMoves::holding)
            .toList();
    for (Holding holding : holdings) {
      for (NodeId node : holding.replicas()) {
        if (snapshot.node(node).isEmpty()) {
          givers.put(node, node + " is no node of the cluster any more");
        }
      }
    }
    int replicas = Math.max(1, snapshot.cluster().orElseThrow().getReplicationFactor());
    for (Move move : new MovePlanner(replicas, rules.movesMax()).plan(takers, givers, holdings)) {
      switch (steps.begin(move)) {
        case Step.Made() ->
            LOG.info(
                "{} gets a replica on {}{}: {}",
                move.partition(),
                move.to(),
                move.from().map(from -> " instead of " + from).orElse(""),
                move.reason());
        case Step.Refused(String why) -> LOG.debug("{} is not moved: {}", move.partition(), why);
      }
    }
  }

  private static boolean isServing(PartitionDescriptor partition) {
    return !partition.hasSplit() && partition.getState() == PartitionDescriptor.State.SERVING;
  }

  /**
   * One that has been split and whose change log is still read. Not without a leader: it would bind
   * the node that it goes to, for nothing. Nor while nodes run different versions: older ones do
   * not know how to take one in.
   */
  private static boolean mayMoveKept(PartitionDescriptor partition, View view) {
    return partition.getState() == PartitionDescriptor.State.CLOSED
        && view.leaderOf(partition.getPartitionId()).isPresent()
        && view.answers().values().stream().map(NodeStatus::getVersion).distinct().count() == 1;
  }

  private static Holding holding(PartitionDescriptor partition) {
    PartitionId id = new PartitionId(partition.getPartitionId());
    Optional<Move> moving =
        partition.getJoiningNodeId().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Move(
                    id,
                    new NodeId(partition.getJoiningNodeId()),
                    partition.getLeavingNodeId().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new NodeId(partition.getLeavingNodeId())),
                    "under way"));
    return new Holding(
        id,
        partition.getReplicaNodeIdsList().stream().map(NodeId::new).toList(),
        moving,
        isServing(partition));
  }

  // ---- moves under way
  // ----------------------------------------------------------------------------

  private void drive(CatalogSnapshot snapshot, View view, PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    NodeId joining = new NodeId(partition.getJoiningNodeId());
    Optional<NodeId> leader = view.leaderOf(id);
    if (leader.isEmpty()) {
      return;
    }
    ReplicaStatus leading = view.replica(leader.get(), id).orElseThrow();
    if (leading.getMembersChanging()) {
      // Those before count too: were one of them to throw its replica away now, and this leader to
      // go, its group would be short of a member that nobody looks after.
      return;
    }
    List<String> members = leading.getMemberNodeIdsList();
    // Others that it should have, or should not, are not this move's: they are looked after next.
    if (members.contains(joining.value()) && !members.contains(partition.getLeavingNodeId())) {
      transfers.remove(id);
      told(partition, steps.end(partition), "has its replicas on " + members);
      return;
    }
    boolean gone =
        snapshot.node(joining).isEmpty()
            || view.silence(joining).compareTo(rules.repairAfter()) >= 0;
    if (members.contains(joining.value())) {
      if (gone || !canComeNearer(view, partition, members)) {
        told(partition, steps.settle(partition, members), "keeps its replicas on " + members);
        return;
      }
    } else if (gone) {
      told(
          partition, steps.abandon(partition), "gets no replica on " + joining + ", which is gone");
      return;
    }
    if (!view.isOpen(joining, id)) {
      return;
    }
    if (leader.get().value().equals(partition.getLeavingNodeId())) {
      handOver(snapshot, partition, leader.get(), members, view);
      return;
    }
    // From what they are: another change that was given up may have come about.
    change(
        snapshot,
        leader.get(),
        id,
        members,
        ReplicaSteps.towards(partition, members, node -> isOpen(view, partition, node)));
  }

  /** Whether some member that is missing could be taken in. */
  private static boolean canComeNearer(
      View view, PartitionDescriptor partition, List<String> members) {
    List<String> missing = new ArrayList<>(ReplicaSteps.after(partition));
    missing.removeAll(members);
    return missing.isEmpty() || missing.stream().anyMatch(node -> isOpen(view, partition, node));
  }

  private static boolean isOpen(View view, PartitionDescriptor partition, String node) {
    return view.isOpen(new NodeId(node), partition.getPartitionId());
  }

  /** Whether the catalog itself says so: the copy may be behind a move. */
  private boolean isStill(PartitionDescriptor partition) {
    return catalog
        .read(List.of(CatalogKeys.partition(partition.getPartitionId())))
        .getObjectsList()
        .stream()
        .anyMatch(object -> object.getPartition().equals(partition));
  }

  private void letGo(CatalogSnapshot snapshot, StrayMembers.Repair repair) {
    LOG.info(
        "the catalog does not name all members {} of partition {}: {} stay",
        repair.before(),
        repair.partition(),
        repair.after());
    change(snapshot, repair.leader(), repair.partition(), repair.before(), repair.after());
  }

  private static void told(PartitionDescriptor partition, Step step, String what) {
    if (step instanceof Step.Made) {
      LOG.info("partition {} {}", partition.getPartitionId(), what);
    }
  }

  /** Always to the same one: a successor that changes its name each time never comes to lead. */
  private void handOver(
      CatalogSnapshot snapshot,
      PartitionDescriptor partition,
      NodeId leader,
      List<String> members,
      View view) {
    long id = partition.getPartitionId();
    long applied = view.replica(leader, id).map(ReplicaStatus::getAppliedIndex).orElse(0L);
    partition.getReplicaNodeIdsList().stream()
        .map(NodeId::new)
        .filter(node -> !node.equals(leader))
        .filter(
            node ->
                view.replica(node, id)
                    .filter(
                        replica -> applied - replica.getAppliedIndex() <= LeaderBalance.BEHIND_MAX)
                    .isPresent())
        .min(Comparator.naturalOrder())
        .filter(_ -> !askedLongAgo(id))
        .ifPresentOrElse(
            successor -> transfer(leader, id, successor),
            // Alone, or nobody took over: the change of members itself makes it step down.
            () -> {
              transfers.remove(id);
              change(
                  snapshot,
                  leader,
                  id,
                  members,
                  ReplicaSteps.towards(partition, members, node -> isOpen(view, partition, node)));
            });
  }

  private boolean askedLongAgo(long partition) {
    Long asked = transfers.get(partition);
    return asked != null && nanos.getAsLong() - asked >= TRANSFER_WITHIN.toNanos();
  }

  /** Not asked for again before it can have come about. */
  private void transfer(NodeId leader, long partition, NodeId successor) {
    long now = nanos.getAsLong();
    Long asked = transfers.get(partition);
    if (asked == null || now - asked >= TRANSFER_WITHIN.toNanos()) {
      transfers.put(partition, now);
      groups.transfer(leader, partition, successor);
    }
  }

  private void change(
      CatalogSnapshot snapshot,
      NodeId leader,
      long partition,
      List<String> before,
      List<String> after) {
    groups.change(leader, partition, members(snapshot, before), members(snapshot, after));
  }

  private static List<Member> members(CatalogSnapshot snapshot, List<String> ids) {
    List<Member> members = new ArrayList<>();
    for (String id : ids) {
      String address = snapshot.node(new NodeId(id)).map(NodeDescriptor::getRaftAddress).orElse("");
      members.add(Member.newBuilder().setNodeId(id).setRaftAddress(address).build());
    }
    return members;
  }

  // ---- the catalog's own members
  // ------------------------------------------------------------------

  /**
   * One step towards as many good members as wanted: name one, take it in, let one go. The object
   * of a node says that it is a member before the group does, so that it opens its log, and until
   * after the group does, so that it is found.
   */
  private void catalogMembers(CatalogSnapshot snapshot, View view) {
    Optional<NodeId> leader = view.leaderOf(CATALOG);
    if (leader.isEmpty()) {
      return;
    }
    List<String> voters = view.replica(leader.get(), CATALOG).orElseThrow().getMemberNodeIdsList();
    List<NodeDescriptor> named =
        snapshot.nodes().stream().filter(NodeDescriptor::getCatalogMember).toList();
    long good = named.stream().filter(node -> mustGive(view, node).isEmpty()).count();
    for (NodeDescriptor node : named) {
      NodeId id = new NodeId(node.getNodeId());
      if (!voters.contains(node.getNodeId())
          && mustGive(view, node).isEmpty()
          && view.replica(id, CATALOG).isPresent()) {
        List<String> after = new ArrayList<>(voters);
        after.add(node.getNodeId());
        change(snapshot, leader.get(), CATALOG, voters, after);
        return;
      }
    }
    List<NodeDescriptor> candidates =
        snapshot.nodes().stream()
            .filter(node -> !node.getCatalogMember() && isWell(view, node))
            .toList();
    if (good < wanted(snapshot, view) && !candidates.isEmpty()) {
      NodeId chosen = new NodeId(spread(named, candidates).getNodeId());
      LOG.info("{} becomes a member of the catalog", chosen);
      steps.node(chosen, node -> node.toBuilder().setCatalogMember(true).build());
      return;
    }
    for (NodeDescriptor node : named) {
      boolean extra =
          voters.size() > 1 && good >= Math.min(rules.catalogMembers(), voters.size() - 1);
      if (mustGive(view, node).isPresent() && extra) {
        release(snapshot, leader.get(), voters, node);
        return;
      }
    }
  }

  /** An even number of voters survives no more losses than one less. */
  private int wanted(CatalogSnapshot snapshot, View view) {
    int there = 0;
    for (NodeDescriptor node : snapshot.nodes()) {
      if (!node.getStoresNothing() && mustGive(view, node).isEmpty()) {
        there++;
      }
    }
    int possible = Math.min(rules.catalogMembers(), there);
    return possible % 2 == 0 ? possible - 1 : possible;
  }

  /** One in a zone without a member, if there is one. */
  private static NodeDescriptor spread(
      List<NodeDescriptor> members, List<NodeDescriptor> candidates) {
    Set<String> zones = new HashSet<>();
    members.forEach(member -> zones.add(member.getZone()));
    return candidates.stream()
        .filter(node -> !zones.contains(node.getZone()))
        .findFirst()
        .orElse(candidates.getFirst());
  }

  private void release(
      CatalogSnapshot snapshot, NodeId leader, List<String> voters, NodeDescriptor node) {
    if (!voters.contains(node.getNodeId())) {
      Step step =
          steps.node(
              new NodeId(node.getNodeId()), now -> now.toBuilder().setCatalogMember(false).build());
      if (step instanceof Step.Made) {
        LOG.info("{} is no member of the catalog any more", node.getNodeId());
      }
      return;
    }
    if (leader.value().equals(node.getNodeId())) {
      voters.stream()
          .filter(voter -> !voter.equals(node.getNodeId()))
          .findFirst()
          .ifPresent(voter -> transfer(leader, CATALOG, new NodeId(voter)));
      return;
    }
    List<String> after = new ArrayList<>(voters);
    after.remove(node.getNodeId());
    change(snapshot, leader, CATALOG, voters, after);
  }
}
