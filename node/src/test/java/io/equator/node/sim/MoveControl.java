package io.equator.node.sim;

import io.equator.coordinator.cluster.NodeWatch;
import io.equator.coordinator.cluster.ReplicaMoves;
import io.equator.coordinator.cluster.ReplicaRules;
import io.equator.partitioner.NodeId;
import io.equator.proto.ChangeMembersRequest;
import io.equator.proto.ChangeMembersResponse;
import io.equator.proto.Member;
import io.equator.proto.NodeStatus;
import io.equator.proto.NodeStatusRequest;
import io.equator.proto.TransferLeadershipRequest;
import io.equator.proto.TransferLeadershipResponse;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.sim.Simulation;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A member of the catalog with its reconciler, which is the real one; over messages that are lost,
 * late and doubled, and a copy of the catalog that lags. It may believe that it leads when another
 * one does.
 *
 * <p>Its time goes ten times as fast as that of the nodes, so that patience of seconds costs less.
 */
final class MoveControl {
  static final int HASTE = 10;

  private static final ReplicaRules RULES =
      new ReplicaRules(Duration.ofSeconds(5), Duration.ofSeconds(12), 2, 1);
  private static final long ROUND = 1_000 * Simulation.MILLIS / HASTE;
  private static final long ANSWER_WITHIN = 600 * Simulation.MILLIS / HASTE;
  private static final long CHANGE_WITHIN = 2_500 * Simulation.MILLIS;
  private static final long LATE_MAX = 1_500 * Simulation.MILLIS;

  private final MoveRun run;
  private final Simulation simulation;
  private final NodeWatch watch;
  private final ReplicaMoves moves;
  private final MoveSplits splits;
  private final Set<Long> changing = new HashSet<>();
  private CatalogSnapshot copy = CatalogSnapshot.empty();
  private boolean leads;
  private @Nullable Runnable ready;

  MoveControl(MoveRun run, Simulation simulation, MoveCatalog catalog) {
    this.run = run;
    this.simulation = simulation;
    this.watch = new NodeWatch(_ -> null, this::nanos);
    this.moves =
        new ReplicaMoves(
            catalog,
            RULES,
            this::nanos,
            new ReplicaMoves.Groups() {
              @Override
              public void change(
                  NodeId leader,
                  long partition,
                  java.util.List<Member> before,
                  java.util.List<Member> after) {
                changeMembers(leader, partition, before, after);
              }

              @Override
              public void transfer(NodeId leader, long partition, NodeId successor) {
                transferLeadership(leader, partition, successor);
              }
            });
    this.splits = new MoveSplits(run, simulation, catalog);
  }

  private long nanos() {
    return simulation.now() * HASTE;
  }

  void start() {
    simulation.after(simulation.between(0, ROUND), this::round);
  }

  void lead(boolean now) {
    leads = now;
  }

  void copied(CatalogSnapshot snapshot) {
    if (snapshot.revision() > copy.revision()) {
      copy = snapshot;
    }
  }

  MoveSplits splits() {
    return splits;
  }

  /** What it was about to do happens now: while another one commits. */
  void hurry() {
    Runnable waiting = ready;
    ready = null;
    if (waiting != null) {
      waiting.run();
    }
  }

  private void round() {
    simulation.after(ROUND, this::round);
    if (!leads) {
      return;
    }
    CatalogSnapshot seen = copy;
    Map<NodeId, NodeStatus> answers = new LinkedHashMap<>();
    for (var node : seen.nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      run.<NodeStatus>deliverTo(
          id,
          0,
          target ->
              reply -> target.membership().status(NodeStatusRequest.getDefaultInstance(), reply),
          answer -> answers.put(id, told(answer)));
    }
    simulation.after(
        ANSWER_WITHIN,
        () -> {
          Runnable act = () -> act(seen, answers);
          ready = act;
          // What it sees is older still when it comes to act.
          simulation.after(
              run.isFaulty() && simulation.chance(0.2) ? simulation.between(0, LATE_MAX) : 0,
              () -> {
                if (ready == act) {
                  ready = null;
                  act.run();
                }
              });
        });
    splits.round(seen);
  }

  private NodeStatus told(NodeStatus status) {
    if (!run.has(MoveBug.END_BEFORE_THE_MEMBERS_HAVE_CHANGED)) {
      return status;
    }
    NodeStatus.Builder hasty = status.toBuilder();
    hasty.getReplicasBuilderList().forEach(replica -> replica.setMembersChanging(false));
    return hasty.build();
  }

  private void act(CatalogSnapshot seen, Map<NodeId, NodeStatus> answers) {
    try {
      moves.round(seen, watch.seen(seen, answers));
    } catch (CatalogUnavailableException _) {
      simulation.note("the catalog is away");
    }
  }

  private long late() {
    return run.isFaulty() && simulation.chance(0.15) ? simulation.between(0, LATE_MAX) : 0;
  }

  private void changeMembers(
      NodeId leader, long partition, java.util.List<Member> before, java.util.List<Member> after) {
    if (!changing.add(partition)) {
      return;
    }
    ChangeMembersRequest request =
        ChangeMembersRequest.newBuilder()
            .setPartitionId(partition)
            .addAllBefore(before)
            .addAllAfter(after)
            .build();
    run.<ChangeMembersResponse>deliverTo(
        leader,
        late(),
        target -> reply -> target.membership().changeMembers(request, reply),
        answer -> {
          simulation.note("members of " + partition + ": " + answer.getOutcome());
          changing.remove(partition);
        });
    simulation.after(CHANGE_WITHIN, () -> changing.remove(partition));
  }

  private void transferLeadership(NodeId leader, long partition, NodeId successor) {
    run.<TransferLeadershipResponse>deliverTo(
        leader,
        late(),
        target ->
            reply ->
                target
                    .membership()
                    .transferLeadership(
                        TransferLeadershipRequest.newBuilder()
                            .setPartitionId(partition)
                            .setToNodeId(successor.value())
                            .build(),
                        reply),
        _ -> {});
  }
}
