package io.equator.coordinator.triggers;

import io.equator.coordinator.api.RequestAuthenticator;
import io.equator.coordinator.api.RestService;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.streams.StreamFeed;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.CatalogObject;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a worker for each shard of each mapping that is enabled, and brings mappings from one state
 * to the next.
 *
 * <p>It compares what the catalog says with what runs here, at every change of the catalog and once
 * a second, and remembers nothing else; so a coordinator that starts anew, or another one, goes on
 * where this one ends. Every coordinator of a cluster runs one; leases decide who works on a shard.
 */
public final class TriggerService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TriggerService.class);
  private static final long LOOK_EVERY_MILLIS = 1_000;

  /** How long a call that is under way may go on when its mapping was changed or disabled. */
  private static final Duration FINISH_WITHIN = Duration.ofSeconds(10);

  /** The same when the process ends. */
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private record Key(String mapping, long partition) {}

  /** A worker, with the version of the mapping that it works for. */
  private static final class Running {
    private final ShardWorker worker;
    private final long version;
    private long stopNanos;
    private boolean stopping;

    Running(ShardWorker worker, long version) {
      this.worker = worker;
      this.version = version;
    }

    /** Asks it to end, and makes it when it does not. */
    void stop() {
      if (!stopping) {
        stopping = true;
        stopNanos = System.nanoTime();
        worker.stop();
      } else if (System.nanoTime() - stopNanos > FINISH_WITHIN.toNanos()) {
        worker.interrupt();
      }
    }
  }

  private final CatalogFollower follower;
  private final StreamFeed feed;
  private final CheckpointStore checkpoints;
  private final InstantSource clock;
  private final String coordinator;
  private final EndpointCaller endpoints = new EndpointCaller();
  private final LambdaService lambda;
  private final MappingSettler settler;
  private final Map<Key, Running> workers = new ConcurrentHashMap<>();

  /** Shards that were delivered to their ends, by the version of the mapping. */
  private final Map<Key, Long> over = new ConcurrentHashMap<>();

  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  /**
   * A service that has not started.
   *
   * @param nodes the channel to a node; null while its address is not known
   * @param name of this coordinator, which no other one of the cluster has at the same time
   */
  public TriggerService(
      CatalogClient client,
      CatalogFollower follower,
      Router router,
      Function<NodeId, @Nullable Channel> nodes,
      RequestAuthenticator authenticator,
      InstantSource clock,
      String name) {
    this.follower = follower;
    this.feed = new StreamFeed(follower::snapshot, nodes, clock);
    this.checkpoints = new CheckpointTable(router);
    this.clock = clock;
    this.coordinator = name;
    TriggerCatalog catalog = new TriggerCatalog(client, follower);
    this.lambda =
        new LambdaService(
            new MappingOperations(catalog, feed, new Results(feed, checkpoints), clock),
            new FunctionOperations(catalog, clock),
            authenticator);
    this.settler = new MappingSettler(catalog, feed, checkpoints, name, this::isIdle);
    this.thread = Thread.ofVirtual().name("triggers").unstarted(this::run);
  }

  /** Starts it. */
  public TriggerService start() {
    thread.start();
    follower.listen(_ -> wake.release());
    return this;
  }

  /** The way in. */
  public RestService rest() {
    return lambda;
  }

  private void run() {
    while (!closed) {
      try {
        look(follower.snapshot());
        var _ = wake.tryAcquire(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        wake.drainPermits();
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException e) {
        LOG.error("triggers could not be looked at; it is tried again", e);
      }
    }
  }

  private void look(CatalogSnapshot snapshot) {
    Map<Key, CatalogObject> wanted = new HashMap<>();
    for (CatalogObject object : snapshot.eventSourceMappings()) {
      EventSourceMappingDescriptor mapping = object.getEventSourceMapping();
      if (!MappingState.isSettled(mapping)) {
        settler.settle(mapping.getUuid());
      } else if (mapping.getState().equals(MappingState.ENABLED)) {
        feed.find(mapping.getEventSourceArn())
            .ifPresent(
                source -> {
                  for (Partition partition : source.partitions()) {
                    Key key = new Key(mapping.getUuid(), partition.id().value());
                    if (workers.containsKey(key) || isTurnOf(key, source)) {
                      wanted.put(key, object);
                    }
                  }
                });
      }
    }
    workers.forEach(
        (key, running) -> {
          CatalogObject object = wanted.get(key);
          if (object == null || object.getVersion() != running.version) {
            running.stop();
          }
        });
    over.keySet().retainAll(wanted.keySet());
    wanted.forEach(this::begin);
  }

  /** A shard is begun when the one that it was split off is delivered to its end. */
  private boolean isTurnOf(Key key, StreamFeed.Source source) {
    Optional<StreamFeed.Parent> parent = source.parent(key.partition());
    if (parent.isEmpty()) {
      return true;
    }
    Key before = new Key(key.mapping(), parent.get().partition());
    if (over.containsKey(before)) {
      return true;
    }
    try {
      return checkpoints
          .read(CheckpointStore.key(before.mapping(), before.partition()))
          .filter(entry -> entry.row().getNext().getLogIndex() > parent.get().lastIndex())
          .isPresent();
    } catch (CheckpointStore.UnavailableException e) {
      LOG.debug("it is not known how far a shard is delivered; asked again", e);
      return false;
    }
  }

  private void begin(Key key, CatalogObject object) {
    Long ended = over.get(key);
    if (workers.containsKey(key) || (ended != null && ended == object.getVersion())) {
      return;
    }
    EventSourceMappingDescriptor mapping = object.getEventSourceMapping();
    ShardWorker worker =
        new ShardWorker(
            mapping,
            key.partition(),
            new ShardLease.Seeker(
                checkpoints,
                CheckpointStore.key(mapping.getUuid(), key.partition()),
                coordinator,
                Long.toHexString(ThreadLocalRandom.current().nextLong())),
            feed,
            new MappingTarget(mapping, follower::snapshot, endpoints),
            clock,
            () -> ended(key));
    workers.put(key, new Running(worker, object.getVersion()));
    worker.start();
  }

  /** On the worker's thread, at its end. */
  private void ended(Key key) {
    Running running = workers.get(key);
    if (running != null && running.worker.isOver()) {
      over.put(key, running.version);
    }
    workers.remove(key);
    wake.release();
  }

  /** Whether nothing works for a mapping here. */
  private boolean isIdle(String mapping) {
    return workers.keySet().stream().noneMatch(key -> key.mapping().equals(mapping));
  }

  /**
   * Stops everything: calls that are under way have {@link #CLOSE_WITHIN} to end. What is not
   * delivered is, at the next start. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    join(thread, CLOSE_WITHIN);
    settler.close();
    workers.values().forEach(running -> running.worker.stop());
    joinWorkers(CLOSE_WITHIN);
    workers.values().forEach(running -> running.worker.interrupt());
    joinWorkers(CLOSE_WITHIN);
    endpoints.close();
    lambda.close();
  }

  private void joinWorkers(Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    for (Running running : workers.values()) {
      try {
        var _ = running.worker.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void join(Thread thread, Duration within) {
    try {
      var _ = thread.join(within);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
