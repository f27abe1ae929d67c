package io.equator.coordinator.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.MembershipServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeStatus;
import io.equator.proto.NodeStatusRequest;
import io.equator.proto.ReplicaStatus;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks every node how it is, and remembers since when one has not answered.
 *
 * <p>The same work in each round, whether anything is wrong or not. A node that has never been
 * asked counts as seen at the first question: whoever begins to watch must not take everybody for
 * dead.
 *
 * <p>Used by one thread.
 */
public final class NodeWatch {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);

  /**
   * The nodes at one moment.
   *
   * @param answers of those that answered, by node
   * @param silentNanos for how long each node of the catalog has not answered; 0 for those that did
   */
  public record View(Map<NodeId, NodeStatus> answers, Map<NodeId, Long> silentNanos) {

    /** How long a node has not answered. */
    public Duration silence(NodeId node) {
      return Duration.ofNanos(silentNanos.getOrDefault(node, 0L));
    }

    /** Who leads a partition, 0 for the catalog: the answer of the greatest term counts. */
    public Optional<NodeId> leaderOf(long partition) {
      NodeId leader = null;
      long term = -1;
      for (Map.Entry<NodeId, NodeStatus> answer : answers.entrySet()) {
        Optional<ReplicaStatus> replica = replica(answer.getKey(), partition);
        if (replica.isPresent() && replica.get().getLeads() && replica.get().getTerm() > term) {
          leader = answer.getKey();
          term = replica.get().getTerm();
        }
      }
      return Optional.ofNullable(leader);
    }

    /** Whether a node has opened a replica of a partition, be it that it waits for its state. */
    public boolean isOpen(NodeId node, long partition) {
      NodeStatus status = answers.get(node);
      return replica(node, partition).isPresent()
          || (status != null && status.getWaitingPartitionIdsList().contains(partition));
    }

    /** A node's replica of a partition, 0 for the catalog, as the node tells it. */
    public Optional<ReplicaStatus> replica(NodeId node, long partition) {
      NodeStatus status = answers.get(node);
      if (status == null) {
        return Optional.empty();
      }
      if (partition == 0) {
        return status.hasCatalog() ? Optional.of(status.getCatalog()) : Optional.empty();
      }
      return status.getReplicasList().stream()
          .filter(replica -> replica.getPartitionId() == partition)
          .findFirst();
    }
  }

  private final Function<NodeId, @Nullable Channel> channels;
  private final LongSupplier nanos;
  private final Map<NodeId, Long> lastSeen = new HashMap<>();

  /** Asks over these channels. */
  public NodeWatch(Function<NodeId, @Nullable Channel> channels, LongSupplier nanos) {
    this.channels = channels;
    this.nanos = nanos;
  }

  /** Asks all nodes at the same time; returns within about a second. */
  public View look(CatalogSnapshot snapshot) {
    Map<NodeId, CompletableFuture<NodeStatus>> asked = new LinkedHashMap<>();
    for (NodeDescriptor node : snapshot.nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      expect(id);
      Channel channel = channels.apply(id);
      if (channel != null) {
        asked.put(id, ask(channel));
      }
    }
    Map<NodeId, NodeStatus> answers = new LinkedHashMap<>();
    asked.forEach(
        (id, answer) -> {
          try {
            answers.put(id, answer.join());
          } catch (java.util.concurrent.CompletionException _) {
            // Silent this time.
          }
        });
    return seen(snapshot, answers);
  }

  private void expect(NodeId node) {
    lastSeen.putIfAbsent(node, nanos.getAsLong());
  }

  /** The view that these answers give now, when all nodes have been asked. */
  public View seen(CatalogSnapshot snapshot, Map<NodeId, NodeStatus> answers) {
    snapshot.nodes().forEach(node -> expect(new NodeId(node.getNodeId())));
    lastSeen.keySet().removeIf(id -> snapshot.node(id).isEmpty());
    long now = nanos.getAsLong();
    answers.keySet().forEach(id -> lastSeen.put(id, now));
    Map<NodeId, Long> silent = new HashMap<>();
    lastSeen.forEach((id, seen) -> silent.put(id, now - seen));
    return new View(answers, silent);
  }

  private static CompletableFuture<NodeStatus> ask(Channel channel) {
    CompletableFuture<NodeStatus> status = new CompletableFuture<>();
    MembershipServiceGrpc.newStub(channel)
        .withDeadlineAfter(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .status(
            NodeStatusRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(NodeStatus answer) {
                status.complete(answer);
              }

              @Override
              public void onError(Throwable failure) {
                status.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                status.completeExceptionally(new IllegalStateException("no answer"));
              }
            });
    return status;
  }
}
