package io.equator.coordinator.streams;

import io.equator.coordinator.api.BlockingOperation;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.NodeId;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The four operations of DynamoDB Streams, each on a virtual thread of its own; more than {@value
 * #CONCURRENT_MAX} at a time are refused.
 */
public final class StreamOperations implements AutoCloseable {
  private static final int CONCURRENT_MAX = 1_000;

  private final StreamReads reads;
  private final StreamDescriptions descriptions;
  private final Semaphore permits = new Semaphore(CONCURRENT_MAX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param nodes the channel to a node; null while its address is not known
   * @param secret authenticates iterators, the same on every coordinator of the cluster
   */
  public StreamOperations(
      Supplier<CatalogSnapshot> catalog,
      Function<NodeId, @Nullable Channel> nodes,
      InstantSource clock,
      byte[] secret) {
    StreamLog log = new StreamLog(nodes);
    this.descriptions = new StreamDescriptions(catalog, log, clock);
    this.reads = new StreamReads(catalog, log, clock, secret);
  }

  /** Every operation, once. */
  public List<Operation> all() {
    return List.of(
        operation("ListStreams", descriptions::list),
        operation("DescribeStream", descriptions::describe),
        operation("GetShardIterator", reads::iterator),
        operation("GetRecords", reads::records));
  }

  private Operation operation(String name, Function<StreamRequest, ReplyBody> body) {
    return new BlockingOperation<>(
        Operation.STREAMS,
        name,
        StreamRequest::read,
        body,
        threads,
        permits,
        ErrorCode.LIMIT_EXCEEDED);
  }

  /** Waits for the operations that run. Idempotent. */
  @Override
  public void close() {
    threads.close();
  }
}
