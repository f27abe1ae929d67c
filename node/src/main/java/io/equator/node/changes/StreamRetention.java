package io.equator.node.changes;

import io.equator.node.core.ChangeLog.Kept;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.service.HostedPartition;
import io.equator.proto.PastStream;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the changes of tables that have or had a stream for 24 hours (API page of DynamoDB
 * Streams), but no more bytes of a partition than the disk is to spend on them.
 *
 * <p><b>Too many bytes.</b> A node that runs out of disk is read-only for everybody; so when the
 * tables with streams keep more than the bound, the one that keeps most loses its oldest records
 * before their time. The others keep theirs: they did not fill the disk. Readers that were not
 * there yet get {@code TrimmedDataAccessException}, as they do after 24 hours. Only this reader of
 * the change log gives way: what an index or another region still needs stays, whatever this says.
 */
public final class StreamRetention implements ChangeNeed {
  private static final Logger LOG = LoggerFactory.getLogger(StreamRetention.class);
  static final long KEPT_MILLIS = 24L * 60 * 60 * 1000;
  private static final int LOOK_MAX = 2_000;
  private static final long LOOK_BYTES_MAX = 8 << 20;

  /** A table that keeps losing records is named in the log so often. */
  private static final long WARNED_EVERY_MILLIS = 60L * 60 * 1000;

  private record Place(long partition, int table) {}

  private final Supplier<CatalogSnapshot> catalog;
  private final LongSupplier wallMillis;
  private final long bytesMax;
  private final long keptMillis;
  private final LongAdder recordsGoneEarly = new LongAdder();
  private final Map<Place, Long> warnedMillis = new ConcurrentHashMap<>();

  /**
   * @param wallMillis milliseconds since the epoch
   * @param bytesMax of one partition's records that are kept for streams; 0: no bound
   */
  public StreamRetention(
      Supplier<CatalogSnapshot> catalog, LongSupplier wallMillis, long bytesMax) {
    this(catalog, wallMillis, bytesMax, KEPT_MILLIS);
  }

  /**
   * @param bytesMax of one partition's records that are kept for streams; 0: no bound
   * @param keptMillis how long records are kept
   */
  public StreamRetention(
      Supplier<CatalogSnapshot> catalog, LongSupplier wallMillis, long bytesMax, long keptMillis) {
    this.catalog = catalog;
    this.wallMillis = wallMillis;
    this.bytesMax = bytesMax;
    this.keptMillis = keptMillis;
  }

  @Override
  public long neededFrom(HostedPartition partition, int table) {
    long now = wallMillis.getAsLong();
    if (!hasStream(table, now)) {
      return NOTHING;
    }
    Kept kept = partition.machine().changesKept(table);
    ChangePosition floor = ChangePosition.ofEntry(kept.floor());
    long tooMany = tooManyBytes(partition, table, now);
    Changes oldest = partition.changes().read(table, floor, 1, LOOK_BYTES_MAX);
    if (oldest.changes().isEmpty() || (tooMany <= 0 && isKept(oldest.changes().getFirst(), now))) {
      return kept.floor();
    }
    Changes some = partition.changes().read(table, floor, LOOK_MAX, LOOK_BYTES_MAX);
    long bytes = 0;
    for (Change change : some.changes()) {
      if (bytes >= tooMany && isKept(change, now)) {
        return change.at().index();
      }
      bytes += change.sizeBytes();
    }
    return some.next().index();
  }

  /** What this table is to let go before its time; 0 or less for nothing. */
  private long tooManyBytes(HostedPartition partition, int table, long now) {
    if (bytesMax == 0) {
      return 0;
    }
    long sum = 0;
    long most = 0;
    for (int other : partition.machine().tablesWithChanges()) {
      if (hasStream(other, now)) {
        long bytes = partition.machine().changesKept(other).bytes();
        sum += bytes;
        most = Math.max(most, bytes);
      }
    }
    boolean keepsMost = partition.machine().changesKept(table).bytes() == most;
    return keepsMost ? sum - bytesMax : 0;
  }

  @Override
  public void letGo(HostedPartition partition, int table, List<Change> gone) {
    long now = wallMillis.getAsLong();
    if (!hasStream(table, now)) {
      return;
    }
    long early =
        gone.stream()
            .filter(change -> change.record().getStreamId() != 0 && isKept(change, now))
            .count();
    if (early == 0) {
      return;
    }
    recordsGoneEarly.add(early);
    Place place = new Place(partition.machine().partition(), table);
    Long warned = warnedMillis.get(place);
    if (warned == null || now - warned >= WARNED_EVERY_MILLIS) {
      warnedMillis.put(place, now);
      LOG.warn(
          "partition {} lets go of stream records of table {} that are only {} s old: it keeps no"
              + " more than {} bytes (changes.stream-bytes)",
          place.partition(),
          table,
          (now - gone.getFirst().record().getMillis()) / 1_000,
          bytesMax);
    }
  }

  /** Records of streams that were let go before their 24 hours were over, since the start. */
  public long recordsGoneEarly() {
    return recordsGoneEarly.sum();
  }

  private boolean isKept(Change change, long now) {
    return now - change.record().getMillis() <= keptMillis;
  }

  private boolean hasStream(int table, long now) {
    CatalogSnapshot snapshot = catalog.get();
    Optional<TableView> view = snapshot.table(table).or(() -> snapshot.droppedTable(table));
    return view.isPresent() && hasStream(view.get(), now);
  }

  private boolean hasStream(TableView table, long now) {
    if (table.descriptor().getStreamEnabled()) {
      return true;
    }
    for (PastStream past : table.descriptor().getPastStreamsList()) {
      if (now - past.getDisabledMillis() <= keptMillis) {
        return true;
      }
    }
    return false;
  }
}
