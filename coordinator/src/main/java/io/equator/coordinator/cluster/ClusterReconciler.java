package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.partitioner.MovePlanner;
import io.equator.partitioner.MovePlanner.Holding;
import io.equator.partitioner.MovePlanner.Move;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.partitioner.PlacementNode;
import io.equator.proto.ChangeMembersRequest;
import io.equator.proto.ChangeMembersResponse;
import io.equator.proto.ChangeMembersResponse.Outcome;
import io.equator.proto.Member;
import io.equator.proto.MembershipServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeDescriptor.State;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import io.equator.proto.TransferLeadershipRequest;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings replicas to where they should be: the catalog's own members, the moves that are written
 * down, and new ones as nodes come, go and die.
 *
 * <p>One runs at each member of the catalog; the one at the leader works. Every round looks at what
 * should be and at what is, and makes the next step of each move:
 *
 * <pre>
 *   planned ──commit──▶ joining (leaving) written down
 *     the joining node opens an empty replica
 *     the leader, if it is to leave, hands over
 *     the leader changes the members: the new one is brought up to date, then one joint change
 *   ──commit──▶ replicas written down; the node that left throws its copy away
 * </pre>
 *
 * <p>Steps may be repeated and may overlap with those of an older leader that does not know yet
 * that it is one: every one of them is a compare-and-set, in the catalog or in the group.
 */
public final class ClusterReconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterReconciler.class);
  private static final Duration ROUND = Duration.ofSeconds(1);

  /** A new member is brought up to date within this time, or the change is asked for again. */
  private static final Duration CHANGE_WITHIN = Duration.ofMinutes(10);

  /** A successor leads within this time, or is asked for again. */
  private static final Duration TRANSFER_WITHIN = Duration.ofSeconds(10);

  private static final long CATALOG = 0;

  private final BooleanSupplier leads;
  private final CatalogFollower follower;
  private final CatalogClient catalog;
  private final ReplicaSteps steps;
  private final StrayMembers strays = new StrayMembers(System::nanoTime);
  private final Function<NodeId, @Nullable Channel> channels;
  private final ReplicaRules rules;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Long> changing = ConcurrentHashMap.newKeySet();
  private final Map<Long, Long> transfers = new HashMap<>();
  private final Thread thread;

  /**
   * A reconciler that has not started.
   *
   * @param leads whether this process leads the catalog
   */
  public ClusterReconciler(
      BooleanSupplier leads,
      CatalogFollower follower,
      CatalogClient catalog,
      Function<NodeId, @Nullable Channel> channels,
      ReplicaRules rules) {
    this.leads = leads;
    this.follower = follower;
    this.catalog = catalog;
    this.steps = new ReplicaSteps(catalog);
    this.channels = channels;
    this.rules = rules;
    this.thread = Thread.ofVirtual().name("cluster-reconciler").unstarted(this::run);
  }

  /** Starts it. */
  public ClusterReconciler start() {
    thread.start();
    return this;
  }

  private void run() {
    @Nullable NodeWatch watch = null;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(ROUND);
        if (!leads.getAsBoolean()) {
          watch = null;
          continue;
        }
        if (watch == null) {
          watch = new NodeWatch(channels, System::nanoTime);
        }
        round(watch);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (CatalogUnavailableException | StatusRuntimeException e) {
        LOG.info("replicas are looked after in the next round: {}", e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("replicas could not be looked after; it is tried again", e);
      }
    }
  }

  private void round(NodeWatch watch) {
    CatalogSnapshot snapshot = follower.snapshot();
    if (snapshot.cluster().isEmpty()) {
      return;
    }
    View view = watch.look(snapshot);
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
            .filter(
                partition ->
                    !partition.hasSplit()
                        && partition.getState() == PartitionDescriptor.State.SERVING)
            .map(ClusterReconciler::holding)
            .toList();
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
        id, partition.getReplicaNodeIdsList().stream().map(NodeId::new).toList(), moving);
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
    Set<String> members =
        new HashSet<>(view.replica(leader.get(), id).orElseThrow().getMemberNodeIdsList());
    if (members.equals(new HashSet<>(ReplicaSteps.after(partition)))) {
      transfers.remove(id);
      told(partition, steps.end(partition), "has its replicas on " + members);
      return;
    }
    boolean gone =
        snapshot.node(joining).isEmpty()
            || view.silence(joining).compareTo(rules.repairAfter()) >= 0;
    if (gone && members.equals(new HashSet<>(partition.getReplicaNodeIdsList()))) {
      told(
          partition, steps.abandon(partition), "gets no replica on " + joining + ", which is gone");
      return;
    }
    if (!view.isOpen(joining, id)) {
      return;
    }
    if (leader.get().value().equals(partition.getLeavingNodeId())) {
      handOver(partition, leader.get(), view);
      return;
    }
    change(
        snapshot,
        leader.get(),
        id,
        partition.getReplicaNodeIdsList(),
        ReplicaSteps.after(partition));
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
  private void handOver(PartitionDescriptor partition, NodeId leader, View view) {
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
        .min(java.util.Comparator.naturalOrder())
        .filter(_ -> !askedLongAgo(id))
        .ifPresentOrElse(
            successor -> transfer(leader, id, successor),
            // Alone, or nobody took over: the change of members itself makes it step down.
            () -> {
              transfers.remove(id);
              change(
                  follower.snapshot(),
                  leader,
                  id,
                  partition.getReplicaNodeIdsList(),
                  ReplicaSteps.after(partition));
            });
  }

  private boolean askedLongAgo(long partition) {
    Long asked = transfers.get(partition);
    return asked != null && System.nanoTime() - asked >= TRANSFER_WITHIN.toNanos();
  }

  /** Not asked for again before it can have come about. */
  private void transfer(NodeId leader, long partition, NodeId successor) {
    Channel channel = channels.apply(leader);
    long now = System.nanoTime();
    Long asked = transfers.get(partition);
    if (channel != null && (asked == null || now - asked >= TRANSFER_WITHIN.toNanos())) {
      transfers.put(partition, now);
      var answer =
          MembershipServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .transferLeadership(
                  TransferLeadershipRequest.newBuilder()
                      .setPartitionId(partition)
                      .setToNodeId(successor.value())
                      .build());
      LOG.debug("{} hands partition {} to {}: {}", leader, partition, successor, answer);
    }
  }

  /** Asks the leader, which takes its time; one question for each group at a time. */
  private void change(
      CatalogSnapshot snapshot,
      NodeId leader,
      long partition,
      List<String> before,
      List<String> after) {
    Channel channel = channels.apply(leader);
    if (channel == null || !changing.add(partition)) {
      return;
    }
    ChangeMembersRequest request =
        ChangeMembersRequest.newBuilder()
            .setPartitionId(partition)
            .addAllBefore(members(snapshot, before))
            .addAllAfter(members(snapshot, after))
            .build();
    threads.execute(
        () -> {
          try {
            ChangeMembersResponse answer =
                MembershipServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(CHANGE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                    .changeMembers(request);
            if (answer.getOutcome() != Outcome.DONE) {
              LOG.info(
                  "the members of {} are not {} yet: {} {}",
                  partition == CATALOG ? "the catalog" : "partition " + partition,
                  after,
                  answer.getOutcome(),
                  answer.getDetail());
            }
          } catch (StatusRuntimeException e) {
            LOG.info("{} did not change the members of {}: {}", leader, partition, e.getStatus());
          } finally {
            changing.remove(partition);
          }
        });
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

  @Override
  public void close() {
    thread.interrupt();
    threads.shutdownNow();
    try {
      var _ = thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
