package io.equator.node.indexes;

import io.equator.node.core.ChangePosition;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ApplyIndexResponse;
import io.equator.proto.ChangePlace;
import io.equator.proto.CheckIndexRequest;
import io.equator.proto.CheckIndexResponse;
import io.equator.proto.CompareIndexRequest;
import io.equator.proto.CompareIndexResponse;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowVerdict;
import io.equator.proto.IndexServiceGrpc;
import io.equator.proto.IndexServiceGrpc.IndexServiceBlockingStub;
import io.equator.proto.PartitionRef;
import io.equator.proto.Redirect;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the leader of each partition by asking, remembers it, and asks it. */
final class GrpcIndexTargets implements IndexTargets {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcIndexTargets.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** A pump that has much to deliver comes to a comparison late. */
  private static final Duration CHECK_LIMIT = IndexPumps.CHECKED_WITHIN.plusSeconds(5);

  private static final Redirect NO_REDIRECT = Redirect.getDefaultInstance();

  private final Function<NodeId, @Nullable Channel> channels;
  private final Map<Long, NodeId> leaders = new ConcurrentHashMap<>();

  /**
   * @param channels to the nodes; null for one that is not known
   */
  GrpcIndexTargets(Function<NodeId, @Nullable Channel> channels) {
    this.channels = channels;
  }

  @Override
  public Optional<ChangePosition> apply(Partition target, ApplyIndexRequest.Builder request) {
    ApplyIndexRequest whole = request.setPartition(reference(target)).build();
    return ask(
        target,
        LIMIT,
        stub -> {
          ApplyIndexResponse response = stub.apply(whole);
          ChangePlace cursor = response.getCursor();
          return response.hasCursor()
              ? new Answer<>(
                  new ChangePosition(cursor.getLogIndex(), cursor.getPosition()), NO_REDIRECT)
              : new Answer<>(null, response.getRedirect());
        });
  }

  @Override
  public Optional<List<IndexRowVerdict>> compare(
      Partition target, CompareIndexRequest.Builder request) {
    CompareIndexRequest whole = request.setPartition(reference(target)).build();
    return ask(
        target,
        LIMIT,
        stub -> {
          CompareIndexResponse response = stub.compare(whole);
          return response.hasVerdicts()
              ? new Answer<>(response.getVerdicts().getRowsList(), NO_REDIRECT)
              : new Answer<>(null, response.getRedirect());
        });
  }

  @Override
  public Optional<IndexDifferences> check(Partition source, CheckIndexRequest.Builder request) {
    CheckIndexRequest whole = request.setPartition(reference(source)).build();
    return ask(
        source,
        CHECK_LIMIT,
        stub -> {
          CheckIndexResponse response = stub.check(whole);
          return response.hasDifferences()
              ? new Answer<>(response.getDifferences(), NO_REDIRECT)
              : new Answer<>(null, response.getRedirect());
        });
  }

  private static PartitionRef reference(Partition partition) {
    return PartitionRef.newBuilder()
        .setPartitionId(partition.id().value())
        .setEpoch(partition.epoch().value())
        .build();
  }

  /** What a node says: something, or where else to ask. */
  private record Answer<T>(@Nullable T value, Redirect redirect) {}

  private <T> Optional<T> ask(
      Partition target, Duration limit, Function<IndexServiceBlockingStub, Answer<T>> call) {
    for (NodeId node : order(target)) {
      Channel channel = channels.apply(node);
      if (channel == null) {
        continue;
      }
      Answer<T> answer;
      try {
        answer = call.apply(IndexServiceGrpc.newBlockingStub(channel).withDeadlineAfter(limit));
      } catch (StatusRuntimeException e) {
        LOG.debug("{} did not answer for {}", node, target.id(), e);
        continue;
      }
      T value = answer.value();
      if (value != null) {
        leaders.put(target.id().value(), node);
        return Optional.of(value);
      }
      LOG.debug("{} sends away from {}: {}", node, target.id(), answer.redirect());
      if (answer.redirect().getReason() != Redirect.Reason.NOT_LEADER) {
        return Optional.empty();
      }
    }
    leaders.remove(target.id().value());
    return Optional.empty();
  }

  private List<NodeId> order(Partition target) {
    List<NodeId> order = new ArrayList<>(target.replicas());
    NodeId leader = leaders.get(target.id().value());
    if (leader != null && order.remove(leader)) {
      order.addFirst(leader);
    }
    return order;
  }
}
