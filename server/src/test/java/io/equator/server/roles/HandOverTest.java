package io.equator.server.roles;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogStatistics;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Protects an orderly stop: it gives away what it leads, and never waits for ever. */
class HandOverTest {
  private static final NodeId SELF = new NodeId("a");
  private static final NodeId NEAR = new NodeId("b");
  private static final NodeId FAR = new NodeId("c");
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(1);

  @Test
  void theFollowerThatHasMostOfTheLogIsAskedFirst() {
    Log log = new Log(List.of(SELF, FAR, NEAR), Map.of(FAR, 10L, NEAR, 2L), NEAR);
    handOver(log, LONG, LONG);
    assertThat(log.asked).containsExactly(NEAR);
  }

  @Test
  void whenItDoesNotTakeOverAnotherIsAsked() {
    Log log = new Log(List.of(SELF, FAR, NEAR), Map.of(FAR, 10L, NEAR, 2L), FAR);
    handOver(log, LONG, SHORT);
    assertThat(log.asked).startsWith(NEAR, FAR);
    assertThat(log.leads).isFalse();
  }

  @Test
  void whenNobodyTakesOverItEnds() {
    Log log = new Log(List.of(SELF, NEAR), Map.of(NEAR, 0L), FAR);
    handOver(log, Duration.ofMillis(50), SHORT);
    assertThat(log.asked).contains(NEAR);
    assertThat(log.leads).isTrue();
  }

  @Test
  void whoIsAloneHasNobodyToAsk() {
    Log log = new Log(List.of(SELF), Map.of(), SELF);
    handOver(log, LONG, LONG);
    assertThat(log.asked).isEmpty();
  }

  private static void handOver(Log log, Duration limit, Duration attempt) {
    new HandOver(Map.of(GroupId.ofPartition(1), log), limit, attempt).run();
  }

  /** A log that one successor takes over when it is asked. */
  private static final class Log implements ReplicatedLog {
    private final List<NodeId> members;
    private final Map<NodeId, Long> behind;
    private final NodeId willing;
    private final List<NodeId> asked = new ArrayList<>();
    private boolean leads = true;

    Log(List<NodeId> members, Map<NodeId, Long> behind, NodeId willing) {
      this.members = members;
      this.behind = behind;
      this.willing = willing;
    }

    @Override
    public GroupId group() {
      return GroupId.ofPartition(1);
    }

    @Override
    public Leadership leadership() {
      return leads
          ? new Leadership.Leader(1, true)
          : new Leadership.Follower(2, Optional.of(willing));
    }

    @Override
    public List<NodeId> members() {
      return members;
    }

    @Override
    public LogStatistics statistics() {
      return new LogStatistics(true, 1, 1, 1, 1, 1, 1, 1, behind);
    }

    @Override
    public void transferTo(NodeId successor) {
      asked.add(successor);
      leads = !successor.equals(willing);
    }

    @Override
    public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long currentTerm() {
      return 1;
    }

    @Override
    public CompletableFuture<Boolean> confirmLeadership() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void requestSnapshot() {}

    @Override
    public void stepDown() {}

    @Override
    public CompletableFuture<MembershipChange> changeMembers(List<Peer> before, List<Peer> after) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
