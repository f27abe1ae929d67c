package io.equator.coordinator.router;

import io.equator.coordinator.capacity.CapacityGate;
import io.equator.coordinator.trace.CurrentRequest;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResults;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.ListLocksRequest;
import io.equator.proto.ListLocksResponse;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Page;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResults;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.TransactReadResults;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request to the partition that owns its key.
 *
 * <p>The happy path costs no thread hop and no lock: the plan is bound to the current snapshot, the
 * partition's last known leader is asked through its asynchronous stub, and the future is completed
 * on whichever thread brings the answer. Everything else — another leader, an old map, an old
 * schema, an unknown fate — is {@link PartitionCall}'s business.
 *
 * <p>Leader hints are remembered per partition; they are only hints: a wrong one costs one more
 * hop, never a wrong answer, because the node checks its leadership itself.
 */
public final class Router {
  /**
   * How far apart the ids of two requests are: each write of a request has one of its own, counted
   * on from the request's. Equal ids would make a retry find the answer to somebody else's write.
   */
  private static final int WRITES_MAX = 1024;

  private final Supplier<CatalogSnapshot> catalog;
  private final NodeChannels channels;
  private final RouterConfig config;
  private final ScheduledExecutorService timers;
  private final InstantSource clock;
  private final Metering metering;
  private final ConcurrentHashMap<PartitionId, NodeId> leaders = new ConcurrentHashMap<>();

  /**
   * Request ids are (random of this process, running number from a random start): unique without
   * coordination.
   */
  private final long requestIdHigh;

  private final AtomicLong requestIdLow;

  /**
   * A router over a copy of the catalog.
   *
   * @param catalog gives the newest snapshot; called for every request, so it must be a plain read
   * @param timers runs the pauses between attempts; its tasks are short
   */
  public Router(
      Supplier<CatalogSnapshot> catalog,
      NodeChannels channels,
      RouterConfig config,
      ScheduledExecutorService timers,
      InstantSource clock) {
    this(catalog, channels, config, timers, clock, CapacityGate.OPEN);
  }

  /**
   * The same.
   *
   * @param capacity throttles requests of tables and indexes that have no capacity left
   */
  public Router(
      Supplier<CatalogSnapshot> catalog,
      NodeChannels channels,
      RouterConfig config,
      ScheduledExecutorService timers,
      InstantSource clock,
      CapacityGate capacity) {
    this.metering = new Metering(capacity);
    this.catalog = catalog;
    this.channels = channels;
    this.config = config;
    this.timers = timers;
    this.clock = clock;
    this.requestIdHigh = ThreadLocalRandom.current().nextLong();
    this.requestIdLow = new AtomicLong(ThreadLocalRandom.current().nextLong());
  }

  /** The newest copy of the catalog. */
  public CatalogSnapshot catalog() {
    return catalog.get();
  }

  /**
   * Writes to one partition, decided at its leader. The builder holds the writes; the router fills
   * in the rest.
   */
  public CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan) {
    return new WriteCall(this, plan, requestIdHigh, requestIdLow.getAndAdd(WRITES_MAX)).start();
  }

  /**
   * Point reads of one partition: of its leader when {@code consistent}, else of any replica, the
   * leader if known.
   */
  public CompletableFuture<Routed<GetResults>> get(
      Plan<GetRequest.Builder> plan, boolean consistent) {
    return new GetCall(this, plan, consistent).start();
  }

  /** One page of a range of one partition. */
  public CompletableFuture<Routed<Page>> readPage(
      Plan<ReadPageRequest.Builder> plan, boolean consistent) {
    return new PageCall(this, plan, consistent).start();
  }

  /** Locks the items of a transaction's part, at the leader of its partition. */
  public CompletableFuture<Routed<PrepareResults>> prepare(Plan<PrepareRequest.Builder> plan) {
    return new PrepareCall(this, plan, false).start();
  }

  /** Makes a whole transaction of one partition, at its leader. */
  public CompletableFuture<Routed<PrepareResults>> transactWrite(
      Plan<PrepareRequest.Builder> plan) {
    return new PrepareCall(this, plan, true).start();
  }

  /** Ends a transaction in one partition, at its leader. */
  public CompletableFuture<Routed<FinishResults>> finish(Plan<FinishRequest.Builder> plan) {
    return new FinishCall(this, plan).start();
  }

  /** Reads items with their versions and locks, at the leader. */
  public CompletableFuture<Routed<TransactReadResults>> transactRead(
      Plan<GetRequest.Builder> plan) {
    return new TransactReadCall(this, plan).start();
  }

  /** The transactions that hold items in the partitions that a node leads; empty when unknown. */
  public CompletableFuture<ListLocksResponse> listLocks(NodeId node, ListLocksRequest request) {
    CompletableFuture<ListLocksResponse> answer = new CompletableFuture<>();
    NodeServiceStub stub = channels.stub(node);
    if (stub == null) {
      answer.complete(ListLocksResponse.getDefaultInstance());
      return answer;
    }
    TransactionStubs.of(
            stub.withDeadlineAfter(config.attemptTimeout().toNanos(), TimeUnit.NANOSECONDS))
        .listLocks(
            request,
            new StreamObserver<>() {
              @Override
              public void onNext(ListLocksResponse value) {
                answer.complete(value);
              }

              @Override
              public void onError(Throwable failure) {
                answer.complete(ListLocksResponse.getDefaultInstance());
              }

              @Override
              public void onCompleted() {
                answer.complete(ListLocksResponse.getDefaultInstance());
              }
            });
    return answer;
  }

  Metering metering() {
    return metering;
  }

  RouterConfig config() {
    return config;
  }

  NodeChannels channels() {
    return channels;
  }

  long nowMillis() {
    return clock.millis();
  }

  @Nullable NodeId leaderHint(PartitionId partition) {
    return leaders.get(partition);
  }

  /** Remembers who answered as leader; cheap when nothing changed, which is nearly always. */
  void learnLeader(PartitionId partition, NodeId leader) {
    if (!leader.equals(leaders.get(partition))) {
      leaders.put(partition, leader);
    }
  }

  void forgetLeader(PartitionId partition, NodeId suspected) {
    leaders.remove(partition, suspected);
  }

  /** Runs a task later on the timer's thread, if this process still runs; it must be short. */
  public void later(Duration delay, Runnable task) {
    var _ = after(delay.toNanos(), CurrentRequest.carried(task));
  }

  /** Runs a task later; false when this process is stopping and takes no more tasks. */
  boolean after(long delayNanos, Runnable task) {
    try {
      var _ = timers.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (RejectedExecutionException _) {
      return false;
    }
  }
}
