package io.equator.coordinator.federation;

import io.equator.coordinator.tables.OtherRegions;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.FederationServiceGrpc;
import io.equator.proto.FederationServiceGrpc.FederationServiceBlockingStub;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionExchangeRequest;
import io.equator.proto.RegionExchangeResponse;
import io.equator.proto.RegionSilence;
import io.equator.proto.RegionTableRequest;
import io.equator.proto.RegionTableResponse;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.regions.RegionChannels;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trades documents with every other region: each second, and at once when one of ours has changed.
 *
 * <p>Every coordinator does so, and none is asked to: documents are joins, so doing it twice is
 * only work. A region that does not answer costs one thread that waits, and nothing else waits for
 * it.
 */
public final class Federation implements OtherRegions, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Federation.class);

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final CatalogFollower catalog;
  private final FederationCatalog documents;
  private final RegionChannels channels;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** The running traders by region; a permit of one is a reason to trade now. */
  private final Map<String, Semaphore> traders = new ConcurrentHashMap<>();

  private final Map<String, Condition> conditions = new ConcurrentHashMap<>();
  private KnownDocuments told = new KnownDocuments(List.of(), List.of());

  /** A federation that is read from this catalog; {@link #start} sets it to work. */
  public Federation(
      CatalogFollower catalog,
      FederationCatalog documents,
      RegionChannels channels,
      InstantSource clock) {
    this.catalog = catalog;
    this.documents = documents;
    this.channels = channels;
    this.clock = clock;
  }

  /** Begins to trade. */
  public void start() {
    catalog.listen(this::look);
  }

  /** On the watch's thread: must not block. */
  private synchronized void look(CatalogSnapshot copy) {
    KnownDocuments now = KnownDocuments.of(copy);
    boolean news = !now.equals(told);
    told = now;
    if (!news) {
      return;
    }
    String own = ownName(copy);
    for (RegionDescriptor region : now.regions()) {
      if (!region.getName().equals(own) && !region.getRemoved()) {
        Semaphore reason =
            traders.computeIfAbsent(region.getName(), name -> begin(name, new Semaphore(0)));
        reason.release();
      }
    }
  }

  private Semaphore begin(String region, Semaphore reason) {
    try {
      threads.execute(() -> trade(region, reason));
    } catch (RejectedExecutionException e) {
      LOG.debug("closed: nothing is traded with {}", region, e);
    }
    return reason;
  }

  private void trade(String region, Semaphore reason) {
    try {
      while (closed.getCount() > 0
          && KnownDocuments.of(catalog.snapshot()).region(region).isPresent()) {
        exchange(region);
        reason.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        reason.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      traders.remove(region);
      conditions.remove(region);
    }
  }

  private void exchange(String region) {
    CatalogSnapshot copy = catalog.snapshot();
    KnownDocuments known = KnownDocuments.of(copy);
    Optional<RegionDescriptor> own = known.region(ownName(copy));
    Optional<Channel> channel = channels.region(region);
    if (own.isEmpty() || channel.isEmpty()) {
      failed(region, own.isEmpty() ? "this region has left the federation" : "no way there");
      return;
    }
    long sent = clock.millis();
    try {
      RegionExchangeResponse answer =
          stub(channel.get())
              .exchange(
                  RegionExchangeRequest.newBuilder()
                      .setCaller(own.get())
                      .addAllRegions(known.regions())
                      .addAllGlobalTables(known.tables())
                      .setSentMillis(sent)
                      .build());
      long received = clock.millis();
      KnownDocuments news = known.news(answer.getRegionsList(), answer.getGlobalTablesList());
      if (!news.isEmpty()) {
        documents.takeIn(news.regions(), news.tables());
      }
      Condition before = conditions.getOrDefault(region, Condition.NEVER);
      if (!before.trouble().isEmpty()) {
        LOG.info("region {} answers again", region);
      }
      conditions.put(
          region,
          new Condition(
              Optional.of(Instant.ofEpochMilli(received)),
              Math.max(0, received - sent),
              answer.getAnsweredMillis() - (sent + received) / 2,
              answer.getSilencesList().stream()
                  .collect(
                      Collectors.toMap(
                          RegionSilence::getRegion, RegionSilence::getSilentMillis, Math::max)),
              answer.getUnsentRecords(),
              ""));
    } catch (StatusRuntimeException e) {
      failed(region, e.getStatus().toString());
    } catch (RuntimeException e) {
      failed(region, String.valueOf(e.getMessage()));
    }
  }

  private void failed(String region, String why) {
    Condition before = conditions.getOrDefault(region, Condition.NEVER);
    if (before.trouble().isEmpty() && closed.getCount() > 0) {
      LOG.info("region {} does not answer, and is asked again each second: {}", region, why);
    }
    conditions.put(region, before.failed(why));
  }

  private static FederationServiceBlockingStub stub(Channel channel) {
    return FederationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE);
  }

  private static String ownName(CatalogSnapshot copy) {
    return copy.cluster().map(ClusterDescriptor::getRegion).orElse("");
  }

  /**
   * Regions whose replicas are given up; see {@link StaleRegions}.
   *
   * @param after for how long they are silent; zero: never
   */
  public Set<String> stale(Duration after) {
    Map<String, Map<String, Long>> reported = new HashMap<>();
    long now = clock.millis();
    conditions.forEach(
        (region, condition) -> {
          if (condition
              .exchanged()
              .filter(at -> now - at.toEpochMilli() < RegionSilences.INTERVAL.toMillis())
              .isPresent()) {
            reported.put(region, condition.silences());
          }
        });
    return StaleRegions.of(catalog.snapshot(), reported, after);
  }

  /** How this process stands with each other region. */
  public Map<String, Condition> conditions() {
    return new TreeMap<>(conditions);
  }

  @Override
  public List<String> names() {
    return catalog.snapshot().regions().stream()
        .map(CatalogObject::getRegion)
        .filter(region -> !region.getRemoved())
        .map(RegionDescriptor::getName)
        .toList();
  }

  @Override
  public RegionTableResponse describe(String region, String table) {
    Optional<Channel> channel = channels.region(region);
    try {
      if (channel.isPresent()) {
        return stub(channel.get())
            .describeTable(
                RegionTableRequest.newBuilder()
                    .setCallerRegion(ownName(catalog.snapshot()))
                    .setTableName(table)
                    .build());
      }
    } catch (StatusRuntimeException e) {
      LOG.info("region {} does not describe {}: {}", region, table, e.getStatus());
    }
    throw ApiException.of(
        ErrorCode.INTERNAL_SERVER_ERROR, "The region " + region + " does not answer.");
  }

  /** Trades no more. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    threads.shutdownNow();
    threads.close();
  }
}
