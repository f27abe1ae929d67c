package io.equator.node.indexes;

import io.equator.node.core.ChangePosition;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ApplyIndexResponse;
import io.equator.proto.ChangePlace;
import io.equator.proto.IndexServiceGrpc;
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
    request.setPartition(
        PartitionRef.newBuilder()
            .setPartitionId(target.id().value())
            .setEpoch(target.epoch().value()));
    for (NodeId node : order(target)) {
      Channel channel = channels.apply(node);
      if (channel == null) {
        continue;
      }
      ApplyIndexResponse response;
      try {
        response =
            IndexServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LIMIT)
                .apply(request.build());
      } catch (StatusRuntimeException e) {
        LOG.debug("{} did not take rows for {}", node, target.id(), e);
        continue;
      }
      if (response.hasCursor()) {
        leaders.put(target.id().value(), node);
        ChangePlace cursor = response.getCursor();
        return Optional.of(new ChangePosition(cursor.getLogIndex(), cursor.getPosition()));
      }
      Redirect redirect = response.getRedirect();
      LOG.debug("{} sends away from {}: {}", node, target.id(), redirect);
      if (redirect.getReason() != Redirect.Reason.NOT_LEADER) {
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
