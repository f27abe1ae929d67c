package io.equator.coordinator.streams;

import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.RequestReader;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.NodeId;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
        new Blocking<>("ListStreams", StreamRequest::read, descriptions::list),
        new Blocking<>("DescribeStream", StreamRequest::read, descriptions::describe),
        new Blocking<>("GetShardIterator", StreamRequest::read, reads::iterator),
        new Blocking<>("GetRecords", StreamRequest::read, reads::records));
  }

  private final class Blocking<T> implements Operation {
    private final String name;
    private final RequestReader<T> reader;
    private final Function<T, ReplyBody> body;

    Blocking(String name, RequestReader<T> reader, Function<T, ReplyBody> body) {
      this.name = name;
      this.reader = reader;
      this.body = body;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String target() {
      return STREAMS + name;
    }

    @Override
    public CompletableFuture<ReplyBody> run(ApiCall call) {
      T request = call.parse(reader);
      if (!permits.tryAcquire()) {
        throw ApiException.of(
            ErrorCode.LIMIT_EXCEEDED, "Rate of requests exceeds the allowed throughput.");
      }
      try {
        return CompletableFuture.supplyAsync(() -> body.apply(request), threads)
            .whenComplete((_, _) -> permits.release());
      } catch (RuntimeException e) {
        permits.release();
        throw e;
      }
    }
  }

  /** Waits for the operations that run. Idempotent. */
  @Override
  public void close() {
    threads.close();
  }
}
