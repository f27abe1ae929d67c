package io.equator.node.regions;

import io.equator.model.item.CorruptItemException;
import io.equator.node.ScrubConfig;
import io.equator.node.core.StoreException;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.snapshots.ByteThrottle;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.replication.regions.RegionChannels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the partitions that this node leads with the other regions: each from time to time, when
 * a region was away and has come back, and when asked.
 *
 * <p>Times are kept in memory. A node that starts, or begins to lead, takes a new one within the
 * interval, so that not everything is compared at once.
 *
 * <p>Threads: one of its own looks after the times; {@link #compare} blocks its caller, any thread.
 */
public final class RegionComparer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegionComparer.class);
  private static final long LOOK_MILLIS = 1_000;

  /**
   * A row's place in time is not its version's alone: a tombstone counts from when this region
   * wrote it, by this region's clock, and clocks of regions are so far apart at most.
   */
  private static final Duration MARGIN = HybridClock.REGION_OFFSET_MAX;

  /** A region that has taken nothing for so long was away. */
  private static final Duration AWAY_AFTER = Duration.ofSeconds(30);

  /** What runs by itself waits for a cut that is newer: an old one says that somebody is away. */
  private static final Duration CUT_AGE_MAX = Duration.ofMinutes(5);

  private static final Duration AGAIN_AFTER = Duration.ofMinutes(10);

  /** Who asks gets everything compared that was there when he asked, if that is to be had. */
  private static final Duration CUT_WITHIN = Duration.ofSeconds(90);

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);
  private static final Duration REST = Duration.ofSeconds(1);

  private record Place(long partition, LaneName pair) {}

  private final HostedPartitions partitions;
  private final Supplier<CatalogSnapshot> catalog;
  private final RegionPumps pumps;
  private final RegionLink link;
  private final long intervalNanos;
  private final ByteThrottle throttle;
  private final LongSupplier wallMillis;
  private final Map<LaneName, Long> horizons = new ConcurrentHashMap<>();
  private final Map<LaneName, ComparisonFigures> figures = new ConcurrentHashMap<>();
  private final Map<Place, Long> due = new ConcurrentHashMap<>();
  private final Map<Place, Long> failingSince = new ConcurrentHashMap<>();
  private final Set<Place> running = ConcurrentHashMap.newKeySet();
  private final Semaphore wakes = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  /**
   * {@link #start} begins.
   *
   * @param pumps which know when a region does not answer
   * @param node for the name of its thread
   * @param wallMillis milliseconds since the epoch
   */
  public RegionComparer(
      HostedPartitions partitions,
      Supplier<CatalogSnapshot> catalog,
      RegionPumps pumps,
      RegionChannels channels,
      ScrubConfig.Regions config,
      String node,
      LongSupplier wallMillis) {
    this.partitions = partitions;
    this.catalog = catalog;
    this.pumps = pumps;
    this.link = new GrpcRegionLink(channels);
    this.intervalNanos = config.interval().toNanos();
    this.throttle = new ByteThrottle(config.bytesPerSecond(), System::nanoTime);
    this.wallMillis = wallMillis;
    this.thread = Thread.ofVirtual().name("region-comparer-" + node).unstarted(this::run);
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  /**
   * Every region has passed this timestamp of a table, with these other regions in these
   * generations: one that has joined since is not among them.
   */
  public void passed(int table, List<ReplicationTarget> targets, long horizon) {
    for (ReplicationTarget target : targets) {
      horizons.merge(
          new LaneName(table, target.getRegion(), target.getGeneration()),
          horizon,
          (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
    }
  }

  /** What was found since the start, for each table and region. */
  public List<ComparisonTotals> totals() {
    List<ComparisonTotals> all = new ArrayList<>();
    figures.forEach((pair, counts) -> all.add(counts.totals(pair.table(), pair.region())));
    return all;
  }

  /** Compares all partitions of a table that this node leads with all other regions, now. */
  public List<RegionComparisonReport> compare(int table) throws InterruptedException {
    long asked = HybridTimestamp.of(wallMillis.getAsLong(), 0).bits();
    long end = System.nanoTime() + CUT_WITHIN.toNanos();
    List<RegionComparisonReport> reports = new ArrayList<>();
    for (Place place : places(catalog.get())) {
      if (place.pair().table() == table) {
        while (!closed
            && Long.compareUnsigned(cut(place.pair()), asked) < 0
            && System.nanoTime() - end < 0) {
          rest();
        }
        reports.add(compare(place));
      }
    }
    return reports;
  }

  // ---- the times

  private void run() {
    try {
      while (!closed) {
        Set<Place> places = places(catalog.get());
        due.keySet().retainAll(places);
        failingSince.keySet().retainAll(places);
        for (Place place : places) {
          watch(place);
          if (!closed && isDue(place)) {
            var _ = compare(place);
          }
        }
        if (wakes.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          wakes.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Set<Place> places(CatalogSnapshot snapshot) {
    Set<Place> places = new HashSet<>();
    for (HostedPartition partition : partitions.all()) {
      if (!partition.leadsOwner()) {
        continue;
      }
      for (TableView table : snapshot.tables().values()) {
        if (table.ringId() == partition.descriptor().ringId()) {
          for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
            LaneName pair = new LaneName(table.id(), target.getRegion(), target.getGeneration());
            places.add(new Place(partition.machine().partition(), pair));
          }
        }
      }
    }
    return places;
  }

  private void watch(Place place) {
    long now = System.nanoTime();
    if (isFailing(place)) {
      failingSince.putIfAbsent(place, now);
      return;
    }
    Long since = failingSince.remove(place);
    if (since != null && now - since >= AWAY_AFTER.toNanos()) {
      due.put(place, now);
    }
  }

  private boolean isFailing(Place place) {
    RegionLane lane = pumps.lane(place.partition(), place.pair());
    return lane != null && lane.isFailing();
  }

  private boolean isDue(Place place) {
    long now = System.nanoTime();
    Long at = due.get(place);
    if (at == null) {
      if (intervalNanos == 0) {
        return false;
      }
      at = now + ThreadLocalRandom.current().nextLong(intervalNanos);
      due.put(place, at);
    }
    long oldest = wallMillis.getAsLong() - CUT_AGE_MAX.toMillis();
    return now - at >= 0 && HybridTimestamp.millisOf(cut(place.pair())) >= oldest;
  }

  /** 0 when none is known. */
  private long cut(LaneName pair) {
    long horizon = horizons.getOrDefault(pair, 0L);
    long millis = HybridTimestamp.millisOf(horizon) - MARGIN.toMillis();
    return horizon == 0 || millis <= 0 ? 0 : HybridTimestamp.of(millis, 0).bits();
  }

  // ---- one comparison

  private RegionComparisonReport compare(Place place) throws InterruptedException {
    if (!running.add(place)) {
      return refused(place, "it is being compared already");
    }
    try {
      RegionComparisonReport report = compareAlone(place);
      long wait = report.getTrouble().isEmpty() ? intervalNanos : AGAIN_AFTER.toNanos();
      if (wait == 0) {
        due.remove(place);
      } else {
        due.put(place, System.nanoTime() + wait);
      }
      return report;
    } finally {
      running.remove(place);
    }
  }

  private RegionComparisonReport compareAlone(Place place) throws InterruptedException {
    HostedPartition partition = partitions.partition(place.partition());
    CatalogSnapshot snapshot = catalog.get();
    Optional<TableView> table = snapshot.table(place.pair().table());
    Optional<ClusterDescriptor> cluster = snapshot.cluster();
    long cut = cut(place.pair());
    if (partition == null || table.isEmpty() || cluster.isEmpty()) {
      return refused(place, "the partition or the table is gone");
    }
    if (cut == 0) {
      return refused(place, "there is no time that all regions have passed: one is away, or new");
    }
    ReplicationSource source =
        ReplicationSource.newBuilder()
            .setRegion(cluster.get().getRegion())
            .setPartitionId(place.partition())
            .setGlobalTableId(table.get().descriptor().getReplication().getGlobalTableId())
            .setGeneration(place.pair().generation())
            .build();
    RegionComparison comparison =
        new RegionComparison(
            partition,
            table.get(),
            place.pair(),
            source,
            cut,
            link,
            new Pace(),
            figures.computeIfAbsent(place.pair(), _ -> new ComparisonFigures()));
    try {
      RegionComparisonReport report = comparison.run();
      LOG.info(
          "partition {}, {}: {} keys compared, {} different, {} merged, {} corrupt{}",
          place.partition(),
          place.pair(),
          report.getCompared(),
          report.getDifferent(),
          report.getMerged(),
          report.getCorrupt(),
          report.getTrouble().isEmpty() ? "" : "; not to the end: " + report.getTrouble());
      return report;
    } catch (CorruptItemException | StoreException e) {
      partitions.unreadable(place.partition());
      LOG.error("partition {} could not be read", place.partition(), e);
      return refused(place, "a row here cannot be read: " + e.getMessage());
    }
  }

  private static RegionComparisonReport refused(Place place, String why) {
    return RegionComparisonReport.newBuilder()
        .setPartitionId(place.partition())
        .setRegion(place.pair().region())
        .setTrouble(why)
        .build();
  }

  private final class Pace implements RegionComparison.Pace {
    @Override
    public void pass(int bytes) throws InterruptedException {
      throttle.pass(bytes);
      checkOpen();
    }

    @Override
    public void rest() throws InterruptedException {
      RegionComparer.this.rest();
      checkOpen();
    }

    private void checkOpen() throws InterruptedException {
      if (closed) {
        throw new InterruptedException("the node closes");
      }
    }
  }

  private void rest() throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(REST.toNanos());
  }

  /** Ends looking, and waits for that; what others have asked for gives up soon. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      if (!thread.join(ENDS_WITHIN)) {
        LOG.error("a comparison with another region goes on while the node closes");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
