package io.equator.coordinator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.catalog.MemoryCatalog;
import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.partitioner.MovePlanner.Move;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.proto.NodeDescriptor.State;
import io.equator.proto.PartitionDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects moves from one another: each step is made once, and only where it belongs. */
class ReplicaStepsTest {
  @TempDir Path directory;
  private MemoryCatalog catalog;
  private ReplicaSteps steps;

  @BeforeEach
  void open() {
    catalog = new MemoryCatalog(directory);
    steps = new ReplicaSteps(catalog.client());
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void aMoveIsBegunOnceAndEndedOnce() {
    Move move = move("n1", "n9");
    assertThat(steps.begin(move)).isInstanceOf(Step.Made.class);
    assertThat(partition())
        .satisfies(
            moving -> {
              assertThat(moving.getReplicaNodeIdsList()).containsExactly("n1");
              assertThat(moving.getJoiningNodeId()).isEqualTo("n9");
              assertThat(moving.getLeavingNodeId()).isEqualTo("n1");
            });
    PartitionDescriptor moving = partition();
    assertThat(steps.begin(move("n1", "n8")))
        .isEqualTo(new Step.Refused(move.partition() + " is changing already: n9 joins"));
    assertThat(steps.end(moving)).isInstanceOf(Step.Made.class);
    assertThat(partition())
        .satisfies(
            moved -> {
              assertThat(moved.getReplicaNodeIdsList()).containsExactly("n9");
              assertThat(moved.getJoiningNodeId()).isEmpty();
              assertThat(moved.getLeavingNodeId()).isEmpty();
            });
    assertThat(steps.end(moving)).isEqualTo(new Step.Refused("the move is another one by now"));
    assertThat(steps.abandon(moving)).isEqualTo(new Step.Refused("the move is another one by now"));
  }

  @Test
  void aMoveThatIsGivenUpLeavesEverythingAsItWas() {
    PartitionDescriptor before = partition();
    steps.begin(move("n1", "n9"));
    assertThat(steps.abandon(partition())).isInstanceOf(Step.Made.class);
    assertThat(partition()).isEqualTo(before);
  }

  @Test
  void aMoveWhoseGroupTookAnotherWayEndsWithWhatTheGroupHas() {
    steps.begin(move("n1", "n9"));
    PartitionDescriptor moving = partition();
    assertThat(steps.settle(moving, List.of("n1", "n3", "n9"))).isInstanceOf(Step.Made.class);
    assertThat(partition().getReplicaNodeIdsList()).containsExactly("n1", "n3", "n9");
    assertThat(partition().getJoiningNodeId()).isEmpty();
    assertThat(steps.settle(moving, List.of("n1"))).isInstanceOf(Step.Refused.class);
  }

  @Test
  void whatIsBeingSplitDoesNotMoveAndWhatHasBeenSplitDoes() {
    SplitSteps splits = new SplitSteps(catalog.client(), () -> 1);
    assertThat(splits.begin(1, OptionalLong.empty(), "")).isInstanceOf(Step.Made.class);
    PartitionDescriptor splitting = partition();
    assertThat(steps.begin(move("n1", "n9")))
        .isEqualTo(new Step.Refused(move("n1", "n9").partition() + " is being split"));
    PartitionId half = new PartitionId(splitting.getSplit().getFirstId());
    assertThat(steps.begin(new Move(half, new NodeId("n9"), Optional.of(new NodeId("n1")), "")))
        .as("an embryo")
        .isInstanceOf(Step.Refused.class);
    assertThat(splits.swap(splitting, 5)).isInstanceOf(Step.Made.class);
    assertThat(steps.begin(move("n1", "n9"))).isInstanceOf(Step.Made.class);
  }

  @Test
  void whoJoinsComesFirstAndThenOfTheMissingThoseThatCan() {
    PartitionDescriptor moving =
        PartitionDescriptor.newBuilder()
            .addAllReplicaNodeIds(List.of("n1", "n2", "n3"))
            .setJoiningNodeId("n4")
            .setLeavingNodeId("n1")
            .build();
    assertThat(ReplicaSteps.towards(moving, List.of("n1", "n3"), _ -> true))
        .as("who joins")
        .containsExactlyInAnyOrder("n3", "n4");
    assertThat(ReplicaSteps.towards(moving, List.of("n1", "n4"), "n3"::equals))
        .as("not the one that is gone")
        .containsExactlyInAnyOrder("n3", "n4");
    assertThat(ReplicaSteps.towards(moving, List.of("n3", "n4"), _ -> false))
        .as("nobody can come")
        .containsExactlyInAnyOrder("n3", "n4");
  }

  @Test
  void anotherReplicaJustJoins() {
    steps.begin(new Move(new PartitionId(1), new NodeId("n2"), Optional.empty(), ""));
    steps.end(partition());
    assertThat(partition().getReplicaNodeIdsList()).containsExactly("n1", "n2");
  }

  @Test
  void whatDoesNotFitIsRefusedAndChangesNothing() {
    PartitionDescriptor before = partition();
    assertThat(steps.begin(move("n7", "n9"))).isInstanceOf(Step.Refused.class);
    assertThat(steps.begin(move("n1", "n1"))).isInstanceOf(Step.Refused.class);
    assertThat(
            steps.begin(
                new Move(new PartitionId(77), new NodeId("n9"), Optional.of(new NodeId("n1")), "")))
        .isEqualTo(new Step.Refused("there is no partition 77"));
    assertThat(partition()).isEqualTo(before);
  }

  @Test
  void aNodeIsChangedAndRemovedOnlyWhenItIsThere() {
    NodeId node = new NodeId("n1");
    assertThat(steps.node(node, now -> now.toBuilder().setState(State.DRAINING).build()))
        .isInstanceOf(Step.Made.class);
    assertThat(catalog.client().read(List.of(CatalogKeys.node("n1"))).getObjects(0).getNode())
        .satisfies(now -> assertThat(now.getState()).isEqualTo(State.DRAINING));
    assertThat(steps.remove(node)).isInstanceOf(Step.Made.class);
    assertThat(steps.remove(node)).isEqualTo(new Step.Refused("there is no node n1"));
    assertThat(steps.node(node, now -> now)).isEqualTo(new Step.Refused("there is no node n1"));
  }

  private static Move move(String from, String to) {
    return new Move(new PartitionId(1), new NodeId(to), Optional.of(new NodeId(from)), "");
  }

  private PartitionDescriptor partition() {
    return catalog.client().read(List.of(CatalogKeys.partition(1))).getObjects(0).getPartition();
  }
}
