package io.equator.coordinator.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.ChangeMembersRequest;
import io.equator.proto.ChangeMembersResponse;
import io.equator.proto.ChangeMembersResponse.Outcome;
import io.equator.proto.Member;
import io.equator.proto.MembershipServiceGrpc;
import io.equator.proto.TransferLeadershipRequest;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
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
 * <p>One runs at each member of the catalog; the one at the leader works. Every round it asks all
 * nodes how they are, and lets {@link ReplicaMoves} say and write what comes next.
 */
public final class ClusterReconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterReconciler.class);
  private static final Duration ROUND = Duration.ofSeconds(1);

  /** A new member is brought up to date within this time, or the change is asked for again. */
  private static final Duration CHANGE_WITHIN = Duration.ofMinutes(10);

  private final BooleanSupplier leads;
  private final CatalogFollower follower;
  private final Function<NodeId, @Nullable Channel> channels;
  private final ReplicaMoves moves;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Long> changing = ConcurrentHashMap.newKeySet();
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
    this.channels = channels;
    this.moves =
        new ReplicaMoves(
            catalog,
            rules,
            System::nanoTime,
            new ReplicaMoves.Groups() {
              @Override
              public void change(
                  NodeId leader, long partition, List<Member> before, List<Member> after) {
                changeMembers(leader, partition, before, after);
              }

              @Override
              public void transfer(NodeId leader, long partition, NodeId successor) {
                transferLeadership(leader, partition, successor);
              }
            });
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
        CatalogSnapshot snapshot = follower.snapshot();
        if (snapshot.cluster().isPresent()) {
          moves.round(snapshot, watch.look(snapshot));
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (CatalogUnavailableException | StatusRuntimeException e) {
        LOG.info("replicas are looked after in the next round: {}", e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("replicas could not be looked after; it is tried again", e);
      }
    }
  }

  /** Asks the leader, which takes its time; one question for each group at a time. */
  private void changeMembers(
      NodeId leader, long partition, List<Member> before, List<Member> after) {
    Channel channel = channels.apply(leader);
    if (channel == null || !changing.add(partition)) {
      return;
    }
    ChangeMembersRequest request =
        ChangeMembersRequest.newBuilder()
            .setPartitionId(partition)
            .addAllBefore(before)
            .addAllAfter(after)
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
                  partition == 0 ? "the catalog" : "partition " + partition,
                  after.stream().map(Member::getNodeId).toList(),
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

  private void transferLeadership(NodeId leader, long partition, NodeId successor) {
    Channel channel = channels.apply(leader);
    if (channel == null) {
      return;
    }
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
