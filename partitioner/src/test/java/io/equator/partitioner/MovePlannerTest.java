package io.equator.partitioner;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.partitioner.MovePlanner.Holding;
import io.equator.partitioner.MovePlanner.Move;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Plans are carried out one after the other until there is nothing left to do. */
class MovePlannerTest {
  private static final int MOVES_MAX = 3;

  private final Map<PartitionId, List<NodeId>> replicas = new HashMap<>();
  private final Map<NodeId, String> givers = new HashMap<>();
  private List<PlacementNode> nodes = new ArrayList<>();
  private int moved;

  private static PlacementNode node(int number, String zone) {
    return PlacementNode.of(new NodeId("node-" + number), zone);
  }

  private void partitions(int count, NodeId... on) {
    for (int i = 1; i <= count; i++) {
      replicas.put(new PartitionId(i), List.of(on));
    }
  }

  /** Plans and carries out until nothing is planned any more. */
  private void settle() {
    MovePlanner planner = new MovePlanner(3, MOVES_MAX);
    for (int round = 0; round < 1_000; round++) {
      List<Holding> holdings = new ArrayList<>();
      replicas.forEach((id, on) -> holdings.add(new Holding(id, on, Optional.empty(), true)));
      List<Move> moves = planner.plan(nodes, givers, holdings);
      assertThat(moves.size()).isLessThanOrEqualTo(MOVES_MAX);
      if (moves.isEmpty()) {
        return;
      }
      HashSet<NodeId> busy = new HashSet<>();
      for (Move move : moves) {
        assertThat(busy.add(move.to())).as("one move at a time into %s", move.to()).isTrue();
        List<NodeId> now = new ArrayList<>(replicas.get(move.partition()));
        assertThat(now).doesNotContain(move.to());
        now.add(move.to());
        move.from().ifPresent(from -> assertThat(now.remove(from)).isTrue());
        replicas.put(move.partition(), now);
        moved++;
      }
    }
    throw new AssertionError("it never comes to rest");
  }

  private Map<NodeId, Integer> loads() {
    Map<NodeId, Integer> loads = new HashMap<>();
    replicas.values().forEach(on -> on.forEach(node -> loads.merge(node, 1, Integer::sum)));
    return loads;
  }

  @Test
  void aClusterThatGrowsFromOneNodeGetsItsReplicas() {
    nodes = List.of(node(1, "a"), node(2, "b"), node(3, "c"));
    partitions(8, new NodeId("node-1"));
    settle();
    assertThat(replicas.values()).allSatisfy(on -> assertThat(on).hasSize(3));
    assertThat(moved).isEqualTo(16);
  }

  @Test
  void aFourthNodeTakesAQuarterAndNothingElseMoves() {
    nodes = IntStream.rangeClosed(1, 4).mapToObj(i -> node(i, "zone-" + i)).toList();
    partitions(16, new NodeId("node-1"), new NodeId("node-2"), new NodeId("node-3"));
    settle();
    assertThat(loads().values()).containsOnly(12);
    assertThat(moved).as("a quarter of 48 replicas").isEqualTo(12);
  }

  @Test
  void aNodeThatMustGoGivesEverythingAway() {
    aFourthNodeTakesAQuarterAndNothingElseMoves();
    NodeId gone = new NodeId("node-2");
    givers.put(gone, "it is drained");
    nodes = nodes.stream().filter(node -> !node.id().equals(gone)).toList();
    settle();
    assertThat(loads()).doesNotContainKey(gone);
    assertThat(replicas.values())
        .allSatisfy(on -> assertThat(on).hasSize(3).doesNotHaveDuplicates());
  }

  @Test
  void withNobodyToTakeItsPlaceAReplicaStays() {
    nodes = List.of(node(1, "a"), node(2, "b"));
    givers.put(new NodeId("node-3"), "it is drained");
    partitions(2, new NodeId("node-1"), new NodeId("node-2"), new NodeId("node-3"));
    settle();
    assertThat(moved).isZero();
  }

  @Test
  void noTwoReplicasShareAZoneWhileThereAreZonesEnough() {
    nodes =
        List.of(node(1, "a"), node(2, "a"), node(3, "b"), node(4, "b"), node(5, "c"), node(6, "c"));
    partitions(30, new NodeId("node-1"));
    settle();
    Map<NodeId, String> zones = new HashMap<>();
    nodes.forEach(node -> zones.put(node.id(), node.zone()));
    assertThat(replicas.values())
        .allSatisfy(
            on -> assertThat(on.stream().map(zones::get)).containsExactlyInAnyOrder("a", "b", "c"));
    assertThat(loads().values()).allSatisfy(load -> assertThat(load).isBetween(14, 16));
  }

  @Test
  void aMoveUnderWayCountsAndItsPartitionIsLeftAlone() {
    nodes = List.of(node(1, "a"), node(2, "b"), node(3, "c"));
    PartitionId id = new PartitionId(1);
    Move underWay = new Move(id, new NodeId("node-2"), Optional.empty(), "it has 1 replicas of 3");
    List<Holding> holdings =
        List.of(new Holding(id, List.of(new NodeId("node-1")), Optional.of(underWay), true));
    assertThat(new MovePlanner(3, MOVES_MAX).plan(nodes, Map.of(), holdings)).isEmpty();
  }

  @Test
  void whatHasBeenSplitMovesAwayFromWhoMustGoAndForNoOtherReason() {
    NodeId first = new NodeId("node-1");
    NodeId second = new NodeId("node-2");
    NodeId third = new NodeId("node-3");
    nodes = List.of(node(1, "a"), node(2, "b"), node(3, "c"), node(4, "d"));
    List<Holding> kept =
        IntStream.rangeClosed(1, 8)
            .mapToObj(
                i ->
                    new Holding(
                        new PartitionId(i), List.of(first, second, third), Optional.empty(), false))
            .toList();
    MovePlanner planner = new MovePlanner(3, MOVES_MAX);
    assertThat(planner.plan(nodes, Map.of(), kept)).as("no load").isEmpty();
    List<PlacementNode> others = nodes.stream().filter(node -> !node.id().equals(third)).toList();
    assertThat(planner.plan(others, Map.of(third, "it is drained"), kept))
        .containsExactly(
            new Move(
                new PartitionId(1), new NodeId("node-4"), Optional.of(third), "it is drained"));
    Holding alone =
        new Holding(new PartitionId(9), List.of(first, second), Optional.empty(), false);
    assertThat(planner.plan(nodes, Map.of(), List.of(alone)))
        .as("one replica more")
        .singleElement()
        .satisfies(move -> assertThat(move.from()).isEmpty());
  }
}
