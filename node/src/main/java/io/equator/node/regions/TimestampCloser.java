package io.equator.node.regions;

import io.equator.node.service.HostedPartition;
import io.equator.proto.CloseTimestamp;
import io.equator.proto.Effect;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Closes timestamps in the partitions that this node leads, for the tables that other regions have:
 * each second what is a second old.
 *
 * <p>The distance is so that what leaders decide now is still behind it when it is applied; a write
 * that takes longer is decided again.
 *
 * <p>Used by one thread.
 */
public final class TimestampCloser {
  private static final long EVERY_MILLIS = 1_000;
  private static final long DISTANCE_MILLIS = 1_000;

  private final LongSupplier clockMillis;
  private final Map<Long, Long> closedMillis = new HashMap<>();
  private final Set<Long> onTheirWay = ConcurrentHashMap.newKeySet();

  /**
   * @param clockMillis the milliseconds of the node's hybrid clock, which decides what is written
   */
  public TimestampCloser(LongSupplier clockMillis) {
    this.clockMillis = clockMillis;
  }

  /** One look at everything. */
  public void look(CatalogSnapshot snapshot, Collection<HostedPartition> partitions) {
    long now = clockMillis.getAsLong();
    for (HostedPartition partition : partitions) {
      long id = partition.machine().partition();
      if (!partition.leadsOwner() || now - closedMillis.getOrDefault(id, 0L) < EVERY_MILLIS) {
        continue;
      }
      CloseTimestamp close = close(snapshot, partition, now);
      if (close.getTableIdsCount() > 0 && onTheirWay.add(id)) {
        closedMillis.put(id, now);
        var _ =
            partition
                .writer()
                .submit(Effect.newBuilder().setCloseTimestamp(close).build())
                .whenComplete((_, _) -> onTheirWay.remove(id));
      }
    }
  }

  /** What to close in a partition now. */
  public static CloseTimestamp close(
      CatalogSnapshot snapshot, HostedPartition partition, long nowMillis) {
    CloseTimestamp.Builder close =
        CloseTimestamp.newBuilder()
            .setTimestamp(HybridTimestamp.of(nowMillis - DISTANCE_MILLIS, 0).bits());
    for (TableView table : snapshot.tables().values()) {
      if (table.ringId() == partition.descriptor().ringId()
          && table.descriptor().getReplication().getTargetsCount() > 0) {
        close.addTableIds(table.id());
      }
    }
    return close.build();
  }
}
