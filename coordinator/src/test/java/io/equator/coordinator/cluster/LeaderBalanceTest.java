package io.equator.coordinator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.cluster.LeaderBalance.Step;
import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeStatus;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Protects nodes from leading far more than others, and leaderships from being moved in vain. */
class LeaderBalanceTest {
  private static final List<String> NODES = List.of("a", "b", "c");

  /** The applied index of each replica that is not {@link #APPLIED}. */
  private final Map<String, Long> behind = new HashMap<>();

  private static final long APPLIED = 5_000;

  @Test
  void theNodeThatLeadsMostGivesOneToTheOneThatLeadsLeast() {
    assertThat(next("a", "a", "a", "b")).contains(new Step(1, new NodeId("a"), new NodeId("c")));
  }

  @Test
  void aDifferenceOfOneIsNobodysGain() {
    assertThat(next("a", "a", "b", "b", "c")).isEmpty();
    assertThat(next("a", "b", "c")).isEmpty();
  }

  @Test
  void stepByStepAllLeadTheSame() {
    String[] leaders = {"a", "a", "a", "a", "a", "a"};
    int steps = 0;
    for (var step = next(leaders); step.isPresent(); step = next(leaders)) {
      assertThat(++steps).isLessThan(10);
      leaders[(int) step.get().partition() - 1] = step.get().to().value();
    }
    assertThat(leaders).containsExactlyInAnyOrder("a", "a", "b", "b", "c", "c");
    assertThat(steps).isEqualTo(4);
  }

  @Test
  void aFollowerThatIsBehindIsNotAskedToLead() {
    for (int partition = 1; partition <= 3; partition++) {
      behind.put("c" + partition, APPLIED - LeaderBalance.BEHIND_MAX - 1);
    }
    assertThat(next("a", "a", "a")).contains(new Step(1, new NodeId("a"), new NodeId("b")));
    behind.replaceAll((_, _) -> APPLIED - LeaderBalance.BEHIND_MAX);
    assertThat(next("a", "a", "b")).contains(new Step(1, new NodeId("a"), new NodeId("c")));
  }

  @Test
  void aNodeThatIsNotWellGetsNothing() {
    View view = view("a", "a", "a");
    assertThat(LeaderBalance.next(snapshot(3, ""), view, node -> !node.getNodeId().equals("b")))
        .contains(new Step(1, new NodeId("a"), new NodeId("c")));
    assertThat(LeaderBalance.next(snapshot(3, ""), view, _ -> false)).isEmpty();
  }

  @Test
  void whileAnythingIsUnderWayNothingIsMoved() {
    assertThat(next("a", "a", "")).isEmpty();
    assertThat(LeaderBalance.next(snapshot(3, "d"), view("a", "a", "a"), _ -> true)).isEmpty();
  }

  private Optional<Step> next(String... leaders) {
    return LeaderBalance.next(snapshot(leaders.length, ""), view(leaders), _ -> true);
  }

  private static CatalogSnapshot snapshot(int partitions, String joining) {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setFull(true).setRevision(1);
    for (String node : NODES) {
      event.addPuts(
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.node(node))
              .setNode(NodeDescriptor.newBuilder().setNodeId(node)));
    }
    for (int id = 1; id <= partitions; id++) {
      event.addPuts(
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.partition(id))
              .setPartition(
                  PartitionDescriptor.newBuilder()
                      .setPartitionId(id)
                      .addAllReplicaNodeIds(NODES)
                      .setJoiningNodeId(id == partitions ? joining : "")));
    }
    return CatalogSnapshot.empty().with(event.build());
  }

  /** Who leads partition 1, 2, ...; an empty name for nobody. */
  private View view(String... leaders) {
    Map<NodeId, NodeStatus> answers = new HashMap<>();
    for (String node : NODES) {
      NodeStatus.Builder status = NodeStatus.newBuilder().setNodeId(node);
      for (int i = 0; i < leaders.length; i++) {
        status.addReplicas(
            ReplicaStatus.newBuilder()
                .setPartitionId(i + 1)
                .setTerm(1)
                .setLeads(node.equals(leaders[i]))
                .setAppliedIndex(behind.getOrDefault(node + (i + 1), APPLIED))
                .addAllMemberNodeIds(NODES));
      }
      answers.put(new NodeId(node), status.build());
    }
    return new View(answers, Map.of());
  }
}
