package io.equator.node.changes;

import io.equator.node.core.ChangeLog.Kept;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.service.HostedPartition;
import io.equator.proto.PastStream;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Keeps the changes of tables that have or had a stream for 24 hours (API page of DynamoDB
 * Streams).
 */
public final class StreamRetention implements ChangeNeed {
  private static final long KEPT_MILLIS = 24L * 60 * 60 * 1000;
  private static final int LOOK_MAX = 2_000;
  private static final long LOOK_BYTES_MAX = 8 << 20;

  private final Supplier<CatalogSnapshot> catalog;
  private final LongSupplier wallMillis;

  /**
   * @param wallMillis milliseconds since the epoch
   */
  public StreamRetention(Supplier<CatalogSnapshot> catalog, LongSupplier wallMillis) {
    this.catalog = catalog;
    this.wallMillis = wallMillis;
  }

  @Override
  public long neededFrom(HostedPartition partition, int table) {
    long now = wallMillis.getAsLong();
    CatalogSnapshot snapshot = catalog.get();
    Optional<TableView> view = snapshot.table(table).or(() -> snapshot.droppedTable(table));
    if (view.isEmpty() || !hasStream(view.get(), now)) {
      return NOTHING;
    }
    Kept kept = partition.machine().changesKept(table);
    ChangePosition floor = ChangePosition.ofEntry(kept.floor());
    Changes oldest = partition.changes().read(table, floor, 1, LOOK_BYTES_MAX);
    if (oldest.changes().isEmpty() || isKept(oldest.changes().getFirst(), now)) {
      return kept.floor();
    }
    Changes some = partition.changes().read(table, floor, LOOK_MAX, LOOK_BYTES_MAX);
    for (Change change : some.changes()) {
      if (isKept(change, now)) {
        return change.at().index();
      }
    }
    return some.next().index();
  }

  private static boolean isKept(Change change, long now) {
    return now - change.record().getMillis() <= KEPT_MILLIS;
  }

  private static boolean hasStream(TableView table, long now) {
    if (table.descriptor().getStreamEnabled()) {
      return true;
    }
    for (PastStream past : table.descriptor().getPastStreamsList()) {
      if (now - past.getDisabledMillis() <= KEPT_MILLIS) {
        return true;
      }
    }
    return false;
  }
}
