package io.equator.coordinator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.coordinator.cluster.StrayMembers.Repair;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeStatus;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Protects groups from members that nobody looks after, and moves under way from being undone. */
class StrayMembersTest {
  private static final PartitionDescriptor NAMED =
      PartitionDescriptor.newBuilder()
          .setPartitionId(7)
          .addAllReplicaNodeIds(List.of("a", "b", "c"))
          .build();

  private long now;
  private final StrayMembers strays = new StrayMembers(() -> now);

  @Test
  void aMemberThatTheCatalogDoesNotNameIsLetGoAfterAWhile() {
    View view = view("a", "b", "c", "d");
    assertThat(strays.look(NAMED, view)).isEmpty();
    now += StrayMembers.PATIENCE.toNanos() - 1;
    assertThat(strays.look(NAMED, view)).isEmpty();
    now += 1;
    assertThat(strays.look(NAMED, view))
        .contains(
            new Repair(7, new NodeId("a"), List.of("a", "b", "c", "d"), List.of("a", "b", "c")));
  }

  @Test
  void aMoveUnderWayIsLeftAlone() {
    PartitionDescriptor moving = NAMED.toBuilder().setJoiningNodeId("d").build();
    assertNeverRepaired(moving, view("a", "b", "c", "d"));
  }

  @Test
  void aGroupAsItShouldBeIsLeftAlone() {
    assertNeverRepaired(NAMED, view("a", "b", "c"));
  }

  /** A member must not go before another can come. */
  @Test
  void aGroupThatLacksANamedMemberIsLeftAlone() {
    assertNeverRepaired(NAMED, view("a", "b", "d"));
  }

  /** A move that was given up and came about all the same. */
  @Test
  void aNamedMemberThatIsThereIsTakenInForOneThatIsNotNamed() {
    View view = withReplica(view("a", "b", "d"), "c");
    assertThat(strays.look(NAMED, view)).isEmpty();
    now += StrayMembers.PATIENCE.toNanos();
    assertThat(strays.look(NAMED, view))
        .contains(new Repair(7, new NodeId("a"), List.of("a", "b", "d"), List.of("a", "b", "c")));
  }

  @Test
  void membersThatAreChangingAreLeftAlone() {
    View settled = view("a", "b", "c", "d");
    NodeStatus.Builder changing = settled.answers().values().iterator().next().toBuilder();
    changing.getReplicasBuilder(0).setMembersChanging(true);
    assertNeverRepaired(NAMED, new View(Map.of(new NodeId("a"), changing.build()), Map.of()));
  }

  @Test
  void whatChangesMeanwhileIsWaitedForAnew() {
    assertThat(strays.look(NAMED, view("a", "b", "c", "d"))).isEmpty();
    now += StrayMembers.PATIENCE.toNanos();
    assertThat(strays.look(NAMED, view("a", "b", "c", "e"))).isEmpty();
    assertThat(strays.look(NAMED, view("a", "b", "c"))).isEmpty();
    assertThat(strays.look(NAMED, view("a", "b", "c", "e"))).isEmpty();
  }

  private void assertNeverRepaired(PartitionDescriptor partition, View view) {
    for (int i = 0; i < 3; i++) {
      assertThat(strays.look(partition, view)).isEmpty();
      now += StrayMembers.PATIENCE.toNanos();
    }
  }

  private static View withReplica(View view, String node) {
    Map<NodeId, NodeStatus> answers = new java.util.HashMap<>(view.answers());
    answers.put(
        new NodeId(node),
        NodeStatus.newBuilder()
            .setNodeId(node)
            .addReplicas(ReplicaStatus.newBuilder().setPartitionId(7).setTerm(3))
            .build());
    return new View(answers, Map.of());
  }

  /** Node a leads, and tells who the members are. */
  private static View view(String... members) {
    return new View(
        Map.of(
            new NodeId("a"),
            NodeStatus.newBuilder()
                .setNodeId("a")
                .addReplicas(
                    ReplicaStatus.newBuilder()
                        .setPartitionId(7)
                        .setTerm(3)
                        .setLeads(true)
                        .addAllMemberNodeIds(List.of(members)))
                .build()),
        Map.of());
  }
}
