package io.equator.coordinator.regions;

import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * How many changes of all tables each other region does not have yet: what would be lost if this
 * region were now. Nodes are asked at most every ten seconds; blocking then, for a bounded time.
 */
public final class UnsentRecords {
  private static final long KEPT_MILLIS = 10_000;

  private record Counted(long atMillis, Map<String, Long> byRegion) {}

  private final Supplier<CatalogSnapshot> catalog;
  private final ProgressReader progress;
  private final InstantSource clock;
  private final AtomicReference<Counted> last =
      new AtomicReference<>(new Counted(Long.MIN_VALUE / 2, Map.of()));

  /** Counts what these nodes say. */
  public UnsentRecords(
      Supplier<CatalogSnapshot> catalog, ProgressReader progress, InstantSource clock) {
    this.catalog = catalog;
    this.progress = progress;
    this.clock = clock;
  }

  /** For one region; partitions whose leader does not answer are not counted. */
  public long unsentTo(String region) {
    Counted known = last.get();
    long now = clock.millis();
    if (now - known.atMillis() >= KEPT_MILLIS
        && last.compareAndSet(known, new Counted(now, known.byRegion()))) {
      // Others go on with what was counted before.
      last.set(new Counted(now, count()));
    }
    return last.get().byRegion().getOrDefault(region, 0L);
  }

  private Map<String, Long> count() {
    Map<String, Long> records = new HashMap<>();
    for (TableView table : catalog.get().tables().values()) {
      if (table.descriptor().getReplication().getTargetsCount() == 0) {
        continue;
      }
      for (ReplicationProgress lane : progress.progress(table)) {
        for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
          if (target.getRegion().equals(lane.getRegion())
              && target.getGeneration() == lane.getGeneration()) {
            records.merge(lane.getRegion(), lane.getPendingRecords(), Long::sum);
          }
        }
      }
    }
    return records;
  }
}
