package io.equator.node.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.proto.Redirect.Reason;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three watches that ask one another, over a group whose leadership goes where it is handed: who is
 * full or slow gives it away, and to whom; when writes are refused.
 */
final class HealthWatchTest {
  private static final List<NodeId> NODES =
      List.of(new NodeId("a"), new NodeId("b"), new NodeId("c"));
  private static final GroupId GROUP = GroupId.ofPartition(1);
  private static final long LIMIT = 1_000;

  @TempDir private Path temporary;

  private final Map<NodeId, AtomicLong> free = new HashMap<>();
  private final Map<NodeId, AtomicBoolean> slow = new HashMap<>();
  private final Map<NodeId, HealthWatch> watches = new HashMap<>();
  private final Map<NodeId, ManagedChannel> channels = new HashMap<>();
  private final Map<NodeId, Server> servers = new HashMap<>();
  private volatile NodeId leader = NODES.getFirst();

  @BeforeEach
  void start() throws IOException {
    for (NodeId node : NODES) {
      Path folder = Files.createDirectory(temporary.resolve(node.value()));
      free.put(node, new AtomicLong(100 * LIMIT));
      slow.put(node, new AtomicBoolean());
      HealthConfig config =
          new HealthConfig(
              new DiskLimits(LIMIT, 50),
              new SlowDiskRules(Duration.ofMillis(20), 3, Duration.ofMillis(1)),
              _ -> new DiskSpace(free.get(node).get(), 1_000 * LIMIT),
              _ -> {
                if (slow.get(node).get()) {
                  hang();
                }
              },
              List.of(folder));
      HealthWatch watch =
          new HealthWatch(
              node,
              config,
              folder,
              () -> List.of(new Log(node)),
              this::channel,
              () -> false,
              () -> {});
      watches.put(node, watch);
      String name = InProcessServerBuilder.generateName();
      servers.put(
          node,
          InProcessServerBuilder.forName(name)
              .directExecutor()
              .addService(watch.service())
              .build()
              .start());
      channels.put(node, InProcessChannelBuilder.forName(name).directExecutor().build());
    }
    watches.values().forEach(HealthWatch::start);
  }

  /** A force that lasts until the probe is closed. */
  private static void hang() throws IOException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the test is over", e);
    }
  }

  private Channel channel(NodeId node) {
    return channels.get(node);
  }

  @AfterEach
  void stop() {
    watches.values().forEach(HealthWatch::close);
    channels.values().forEach(ManagedChannel::shutdownNow);
    servers.values().forEach(Server::shutdownNow);
  }

  private void fill(int node) {
    free.get(NODES.get(node)).set(LIMIT - 1);
  }

  private Optional<Reason> refusal(int node) {
    return watches.get(NODES.get(node)).refusal(GROUP).map(to -> to.getReason());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it did not come about").isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  void aFullLeaderHandsOverToOneWithRoomAndIsNotAskedForWritesMeanwhile() throws Exception {
    fill(0);
    await(() -> leader.equals(NODES.get(1)) || leader.equals(NODES.get(2)));
    await(() -> refusal(0).equals(Optional.of(Reason.UNAVAILABLE)));
    assertThat(refusal(1)).isEmpty();
    assertThat(watches.get(NODES.get(0)).strained()).isPresent();
  }

  @Test
  void whenMostAreFullAllRefuseAndNobodyHandsOver() throws Exception {
    fill(1);
    fill(2);
    await(() -> refusal(0).equals(Optional.of(Reason.READ_ONLY)));
    await(() -> refusal(1).equals(Optional.of(Reason.READ_ONLY)));
    assertThat(leader).isEqualTo(NODES.get(0));
    free.get(NODES.get(1)).set(100 * LIMIT);
    await(() -> refusal(0).isEmpty() && refusal(1).isEmpty());
    await(() -> refusal(2).equals(Optional.of(Reason.UNAVAILABLE)));
  }

  @Test
  void aLeaderWhoseDiskHangsHandsOverAndStaysAway() throws Exception {
    slow.get(NODES.get(0)).set(true);
    await(() -> !leader.equals(NODES.get(0)));
    assertThat(watches.get(NODES.get(0)).statistics().slow()).isTrue();
    assertThat(refusal(0)).as("slow, but it could write").isEmpty();
    // Handed back, it gives it away again.
    leader = NODES.get(0);
    await(() -> !leader.equals(NODES.get(0)));
  }

  private final class Log implements ReplicatedLog {
    private final NodeId node;

    Log(NodeId node) {
      this.node = node;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Log log && log.node.equals(node);
    }

    @Override
    public int hashCode() {
      return node.hashCode();
    }

    @Override
    public GroupId group() {
      return GROUP;
    }

    @Override
    public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Leadership leadership() {
      return leader.equals(node)
          ? new Leadership.Leader(1, true)
          : new Leadership.Follower(1, Optional.of(leader));
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
    public List<NodeId> members() {
      return NODES;
    }

    @Override
    public CompletableFuture<MembershipChange> changeMembers(List<Peer> before, List<Peer> after) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void transferTo(NodeId successor) {
      leader = successor;
    }

    @Override
    public void close() {}
  }
}
