package io.equator.coordinator.streams;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.ChangePlace;
import io.equator.proto.PartitionRef;
import io.equator.proto.StreamPage;
import io.equator.proto.StreamReadRequest;
import io.equator.proto.StreamReadResponse;
import io.equator.proto.StreamServiceGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the change log of partitions at their leaders. Blocking, for a bounded time. */
final class StreamLog implements ShardPages {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = 50_000_000;

  private final Function<NodeId, @Nullable Channel> nodes;
  private final Map<Long, NodeId> leaders = new ConcurrentHashMap<>();

  StreamLog(Function<NodeId, @Nullable Channel> nodes) {
    this.nodes = nodes;
  }

  /**
   * @throws ApiException when nobody leads the partition for too long, or at an interrupt
   */
  @Override
  public StreamPage read(
      Partition partition, StreamView stream, ChangePlace from, int recordsMax, int bytesMax) {
    StreamReadRequest request = request(partition, stream, from, recordsMax, bytesMax);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      for (NodeId node : order(partition)) {
        StreamReadResponse response = ask(node, request);
        if (response != null && response.hasPage()) {
          leaders.put(partition.id().value(), node);
          return response.getPage();
        }
      }
      if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
        throw ApiException.of(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** What a node is asked. */
  static StreamReadRequest request(
      Partition partition, StreamView stream, ChangePlace from, int recordsMax, int bytesMax) {
    return StreamReadRequest.newBuilder()
        .setPartition(
            PartitionRef.newBuilder()
                .setPartitionId(partition.id().value())
                .setEpoch(partition.epoch().value()))
        .setTableId(stream.table().id())
        .setStreamId(stream.id())
        .setFrom(from)
        .setRecordsMax(recordsMax)
        .setBytesMax(bytesMax)
        .build();
  }

  private @Nullable StreamReadResponse ask(NodeId node, StreamReadRequest request) {
    Channel channel = nodes.apply(node);
    if (channel == null) {
      return null;
    }
    try {
      return StreamServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_LIMIT).read(request);
    } catch (StatusRuntimeException _) {
      return null;
    }
  }

  private List<NodeId> order(Partition partition) {
    List<NodeId> order = new ArrayList<>(partition.replicas());
    NodeId leader = leaders.get(partition.id().value());
    if (leader != null && order.remove(leader)) {
      order.addFirst(leader);
    }
    return order;
  }
}
