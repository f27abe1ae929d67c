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

  /**
   * A copy of the catalog that is behind a whole move; a member must not go before another comes.
   */
  @Test
  void aGroupThatLacksANamedMemberIsLeftAlone() {
    assertNeverRepaired(NAMED, view("a", "b", "d"));
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
