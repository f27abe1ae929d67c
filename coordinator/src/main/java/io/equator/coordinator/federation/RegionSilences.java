package io.equator.coordinator.federation;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionSilence;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts, in the catalog, for how long this region has not heard from each other one although it
 * asked.
 *
 * <p>It is a count and not the time of the last answer, because a region that was itself away for
 * weeks must not take all others for lost when it comes back: only looks that were made count, each
 * for the time since the one before, and never for more than two intervals. Every coordinator
 * counts; one that hears the region makes it 0 for all.
 *
 * <p>Threads: one, its own.
 */
public final class RegionSilences implements AutoCloseable {
  /** How often it is looked. */
  public static final Duration INTERVAL = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(RegionSilences.class);

  private final CatalogFollower catalog;
  private final CatalogClient client;
  private final Supplier<Map<String, Condition>> conditions;
  private final Duration interval;
  private final InstantSource clock;
  private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param conditions how this coordinator stands with each other region
   */
  public RegionSilences(
      CatalogFollower catalog,
      CatalogClient client,
      Supplier<Map<String, Condition>> conditions,
      Duration interval,
      InstantSource clock) {
    this.catalog = catalog;
    this.client = client;
    this.conditions = conditions;
    this.interval = interval;
    this.clock = clock;
  }

  /** Begins. */
  public void start() {
    thread.execute(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(interval);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One look at all regions. */
  void look() {
    CatalogSnapshot copy = catalog.snapshot();
    String own = copy.cluster().map(ClusterDescriptor::getRegion).orElse("");
    List<RegionSilence> changes = new ArrayList<>();
    Map<String, Condition> now = conditions.get();
    for (CatalogObject object : copy.regions()) {
      RegionDescriptor region = object.getRegion();
      if (!region.getRemoved() && !region.getName().equals(own)) {
        next(
                silence(copy, region),
                region,
                now.getOrDefault(region.getName(), Condition.NEVER),
                interval,
                clock.millis())
            .ifPresent(changes::add);
      }
    }
    for (RegionSilence change : changes) {
      write(copy, change);
    }
  }

  /** What is counted of a region; of a former cluster of the same name nothing is. */
  static RegionSilence silence(CatalogSnapshot copy, RegionDescriptor region) {
    return copy.regionSilence(region.getName())
        .map(CatalogObject::getRegionSilence)
        .filter(silence -> silence.getClusterId().equals(region.getClusterId()))
        .orElse(
            RegionSilence.newBuilder()
                .setRegion(region.getName())
                .setClusterId(region.getClusterId())
                .build());
  }

  /** The count after a look; empty when there is nothing to write down. Pure. */
  static Optional<RegionSilence> next(
      RegionSilence before,
      RegionDescriptor region,
      Condition condition,
      Duration interval,
      long nowMillis) {
    long step = interval.toMillis();
    boolean heard =
        condition.exchanged().filter(at -> nowMillis - at.toEpochMilli() < 2 * step).isPresent();
    if (heard) {
      return before.getSilentMillis() == 0
          ? Optional.empty()
          : Optional.of(before.toBuilder().setSilentMillis(0).setLookedMillis(nowMillis).build());
    }
    long since = nowMillis - before.getLookedMillis();
    if (since >= 0 && since < step) {
      // Another coordinator has just looked.
      return Optional.empty();
    }
    long counted = Math.clamp(since, step, 2 * step);
    RegionSilence.Builder next =
        before.toBuilder()
            .setSilentMillis(before.getSilentMillis() + counted)
            .setLookedMillis(nowMillis);
    if (before.getSilentMillis() == 0) {
      next.setHeardMillis(condition.exchanged().map(at -> at.toEpochMilli()).orElse(0L))
          .setUnsentRecords(condition.unsentRecords());
    }
    return Optional.of(next.build());
  }

  /** A conflict comes from another coordinator that has looked. */
  private void write(CatalogSnapshot copy, RegionSilence silence) {
    String key = CatalogKeys.regionSilence(silence.getRegion());
    try {
      client.commit(
          CatalogCommitRequest.newBuilder()
              .addComparisons(
                  CatalogComparison.newBuilder()
                      .setKey(key)
                      .setVersion(
                          copy.regionSilence(silence.getRegion())
                              .map(CatalogObject::getVersion)
                              .orElse(0L)))
              .addPuts(CatalogObject.newBuilder().setKey(key).setRegionSilence(silence))
              .build());
    } catch (CatalogUnavailableException e) {
      LOG.debug("it is not counted for how long {} is silent", silence.getRegion(), e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    thread.close();
  }
}
