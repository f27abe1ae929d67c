package io.equator.partitioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Placement is even, by weight, over zones, and moves little. */
class PlacementTest {
  private static final List<PartitionId> PARTITIONS =
      LongStream.rangeClosed(1, 3000).mapToObj(PartitionId::new).toList();

  @Test
  void aNodeThatJoinsTakesItsShareAndNothingElseMoves() {
    List<PlacementNode> nine = nodes(9, 1);
    Placement before = new Placement(nine, 1);
    Placement after = new Placement(nodes(10, 1), 1);
    int moved = 0;
    for (PartitionId partition : PARTITIONS) {
      NodeId old = before.replicasOf(partition).getFirst();
      NodeId now = after.replicasOf(partition).getFirst();
      if (!old.equals(now)) {
        moved++;
        assertThat(now).isEqualTo(new NodeId("n9"));
      }
    }
    assertThat(moved).isBetween(240, 360); // a tenth of 3000
  }

  @Test
  void aNodeThatLeavesGivesUpItsReplicasOnly() {
    Placement before = new Placement(nodes(10, 5), 3);
    List<PlacementNode> left = new ArrayList<>(nodes(10, 5));
    PlacementNode gone = left.remove(4);
    Placement after = new Placement(left, 3);
    for (PartitionId partition : PARTITIONS) {
      List<NodeId> old = before.replicasOf(partition);
      if (!old.contains(gone.id())) {
        assertThat(after.replicasOf(partition)).isEqualTo(old);
      }
    }
  }

  @Test
  void loadFollowsWeight() {
    List<PlacementNode> nodes = new ArrayList<>(nodes(4, 1));
    nodes.set(0, new PlacementNode(nodes.getFirst().id(), "z0", 2));
    Map<NodeId, Integer> loads = new HashMap<>();
    Placement placement = new Placement(nodes, 1);
    PARTITIONS.forEach(p -> loads.merge(placement.replicasOf(p).getFirst(), 1, Integer::sum));
    assertThat(loads.get(new NodeId("n0"))).isBetween(1100, 1300); // two fifths of 3000
    assertThat(loads.get(new NodeId("n1"))).isBetween(520, 680);
  }

  @Test
  void replicasStandInDifferentZonesWhileThereAreEnough() {
    Map<NodeId, String> zones = new HashMap<>();
    nodes(9, 3).forEach(node -> zones.put(node.id(), node.zone()));
    new Placement(nodes(9, 3), 3)
        .placeAll(PARTITIONS, 1.1)
        .forEach(
            (partition, replicas) ->
                assertThat(replicas.stream().map(zones::get))
                    .as(partition.toString())
                    .doesNotHaveDuplicates()
                    .hasSize(3));
    // Two zones, three replicas: both zones have one.
    nodes(4, 2).forEach(node -> zones.put(node.id(), node.zone()));
    for (PartitionId partition : PARTITIONS) {
      List<NodeId> replicas = new Placement(nodes(4, 2), 3).replicasOf(partition);
      assertThat(replicas).doesNotHaveDuplicates().hasSize(3);
      assertThat(replicas.stream().map(zones::get).distinct()).hasSize(2);
    }
  }

  @Test
  void noNodeHasMoreThanItsBound() {
    for (double slack : new double[] {1, 1.25}) {
      Map<NodeId, Integer> loads = new HashMap<>();
      Map<PartitionId, List<NodeId>> placed =
          new Placement(nodes(9, 3), 3).placeAll(PARTITIONS.subList(0, 40), slack);
      placed.values().forEach(all -> all.forEach(node -> loads.merge(node, 1, Integer::sum)));
      assertThat(loads.values()).allMatch(load -> load <= Math.ceil(40 * 3 / 9.0 * slack));
      assertThat(placed).hasSize(40);
    }
  }

  @Test
  void theBoundCostsLittleStability() {
    List<PartitionId> some = PARTITIONS.subList(0, 300);
    Map<PartitionId, List<NodeId>> before = new Placement(nodes(9, 1), 1).placeAll(some, 1.25);
    Map<PartitionId, List<NodeId>> after = new Placement(nodes(10, 1), 1).placeAll(some, 1.25);
    long moved = some.stream().filter(p -> !Objects.equals(before.get(p), after.get(p))).count();
    assertThat(moved).isLessThan(60); // 30 are the new node's share
  }

  @Test
  void fewNodesHoldWhatTheyCan() {
    assertThat(new Placement(nodes(2, 2), 3).replicasOf(new PartitionId(1))).hasSize(2);
    assertThatThrownBy(() -> new Placement(List.of(), 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PlacementNode(new NodeId("n"), "z", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Placement(nodes(1, 1), 1).placeAll(PARTITIONS, 0.5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Scores decide where data is: another machine, or another version, must not see others. */
  @Test
  void theRankingStaysAsItIs() {
    assertThat(
            new Placement(nodes(6, 3), 3)
                .ranked(new PartitionId(42)).stream()
                    .map(PlacementNode::id)
                    .map(NodeId::value)
                    .toList())
        .containsExactly("n5", "n1", "n2", "n3", "n4", "n0");
  }

  private static List<PlacementNode> nodes(int count, int zones) {
    List<PlacementNode> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(PlacementNode.of(new NodeId("n" + i), "z" + i % zones));
    }
    return nodes;
  }
}
