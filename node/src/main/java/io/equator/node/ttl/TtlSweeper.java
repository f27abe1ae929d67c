package io.equator.node.ttl;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Expiries;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.service.HostedPartition;
import io.equator.proto.Effect;
import io.equator.proto.Expiry;
import io.equator.proto.ExpiryStep;
import io.equator.proto.ExpiryWalk;
import io.equator.proto.RequireSchema;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for expired items in the partitions that this node leads, and deletes them.
 *
 * <p>At every look, for each (partition, table): if the items that were there before time to live
 * was switched on have not all been looked at, one step of that walk; and the oldest rows of the
 * index of expiries that are due, {@value #DELETES_MAX} at most. One step is on its way at a time,
 * so a slow log slows the sweep and not the other way round.
 *
 * <p>Items that expired more than five years ago stay (developer guide, time to live).
 *
 * <p>Used by one thread.
 */
public final class TtlSweeper {
  private static final Logger LOG = LoggerFactory.getLogger(TtlSweeper.class);
  private static final int DELETES_MAX = 500;
  private static final int FORGETS_MAX = 1_000;
  private static final int WALK_ITEMS_MAX = 500;
  private static final long WALK_BYTES_MAX = 1 << 20;
  private static final long FIVE_YEARS_SECONDS = 5L * 365 * 24 * 60 * 60;

  private record Place(long partition, int table) {}

  private final LongSupplier wallMillis;
  private final Set<Place> sweepsOnTheirWay = ConcurrentHashMap.newKeySet();
  private final Set<Place> walksOnTheirWay = ConcurrentHashMap.newKeySet();
  private final AtomicLong deleted = new AtomicLong();
  private final DeleteBudget budget;

  /**
   * @param wallMillis milliseconds since the epoch
   * @param deletesPerSecond at most so many; 0: no bound
   */
  public TtlSweeper(LongSupplier wallMillis, int deletesPerSecond) {
    this.wallMillis = wallMillis;
    this.budget = new DeleteBudget(deletesPerSecond, System.nanoTime());
  }

  /** Items deleted since the start. */
  public long deletedItems() {
    return deleted.get();
  }

  /** One look at everything. */
  public void look(CatalogSnapshot snapshot, Collection<HostedPartition> partitions) {
    for (HostedPartition partition : partitions) {
      if (partition.leadsOwner()) {
        look(snapshot, partition);
      }
    }
  }

  private void look(CatalogSnapshot snapshot, HostedPartition partition) {
    for (TableView table : snapshot.tables().values()) {
      if (table.expiryAttribute() != null
          && table.ringId() == partition.descriptor().ringId()
          && !isWalked(partition, table)) {
        walk(partition, table);
      }
    }
    long id = partition.machine().partition();
    for (int number : partition.reader().tablesWithExpiries(id)) {
      Place place = new Place(id, number);
      if (!sweepsOnTheirWay.add(place)) {
        continue;
      }
      Optional<TableView> table = snapshot.table(number);
      if (isBehind(snapshot, partition, number)) {
        sweepsOnTheirWay.remove(place);
      } else if (table.isEmpty() || table.get().expiryAttribute() == null) {
        forget(
            partition,
            place,
            partition.reader().expiries(id, number, 0, Long.MAX_VALUE, FORGETS_MAX));
      } else {
        sweep(partition, place, table.get());
      }
    }
  }

  /**
   * True when this copy of the catalog is older than what the partition has seen of the table. It
   * then cannot tell that time to live is off: rows forgotten now would be missed later, because
   * the walk is done.
   */
  private static boolean isBehind(CatalogSnapshot snapshot, HostedPartition partition, int table) {
    Optional<TableView> view = snapshot.table(table);
    if (view.isPresent()) {
      return view.get().descriptor().getSchemaVersion() < partition.machine().schemaFloor(table);
    }
    return snapshot.cluster().isEmpty()
        || Integer.compareUnsigned(table, snapshot.cluster().get().getNextTableId()) >= 0;
  }

  // ---- expired items

  private void sweep(HostedPartition partition, Place place, TableView table) {
    long now = wallMillis.getAsLong() / 1000;
    // A row has whole seconds, its item may have a fraction more: only when the second is over has
    // that passed too, and a row whose item is not expired would be forgotten.
    int allowed = budget.take(DELETES_MAX, System.nanoTime());
    List<Expiry> due =
        allowed == 0
            ? List.of()
            : partition
                .reader()
                .expiries(
                    place.partition(), place.table(), now - FIVE_YEARS_SECONDS, now - 1, allowed);
    budget.giveBack(allowed - due.size());
    if (due.isEmpty()) {
      sweepsOnTheirWay.remove(place);
      return;
    }
    ExpiredDelete delete = new ExpiredDelete(table, now - FIVE_YEARS_SECONDS, now);
    WriteRequest.Builder request = WriteRequest.newBuilder();
    for (Expiry expiry : due) {
      request.addWrites(delete.of(expiry.getKey()));
    }
    partition
        .writer()
        .write(
            request.build(),
            Collections.nCopies(due.size(), table),
            answer -> swept(partition, place, due, answer));
  }

  /** Rows of items that are not expired, or not there, are out of date. */
  private void swept(
      HostedPartition partition, Place place, List<Expiry> due, WriteResponse answer) {
    if (!answer.hasResults()) {
      LOG.debug("expired items of {} stay for now: {}", place, answer.getRedirect());
      sweepsOnTheirWay.remove(place);
      return;
    }
    List<Expiry> outdated = new ArrayList<>();
    for (int i = 0; i < due.size(); i++) {
      var result = answer.getResults().getResults(i);
      if (result.hasWritten() && result.getWritten().getOldSize() > 0) {
        deleted.incrementAndGet();
      } else if (result.hasWritten() || result.hasConditionFailed()) {
        outdated.add(due.get(i));
      }
    }
    LOG.debug("{} expired items of {} are deleted", due.size() - outdated.size(), place);
    forget(partition, place, outdated);
  }

  private void forget(HostedPartition partition, Place place, List<Expiry> rows) {
    if (rows.isEmpty()) {
      sweepsOnTheirWay.remove(place);
      return;
    }
    submit(
        partition,
        ExpiryStep.newBuilder().setTableId(place.table()).addAllDeletes(rows).build(),
        sweepsOnTheirWay,
        place);
  }

  private static void submit(
      HostedPartition partition, ExpiryStep step, Set<Place> onTheirWay, Place place) {
    var _ =
        partition
            .writer()
            .submit(Effect.newBuilder().setExpiryStep(step).build())
            .whenComplete((_, _) -> onTheirWay.remove(place));
  }

  // ---- items of before

  private static boolean isWalked(HostedPartition partition, TableView table) {
    ExpiryWalk walk = partition.machine().expiryWalk(table.id());
    return walk != null
        && walk.getSchemaVersion() == table.descriptor().getTtlSchemaVersion()
        && walk.getDone();
  }

  private void walk(HostedPartition partition, TableView table) {
    Place place = new Place(partition.machine().partition(), table.id());
    if (!walksOnTheirWay.add(place)) {
      return;
    }
    long setting = table.descriptor().getTtlSchemaVersion();
    if (partition.machine().schemaFloor(table.id()) < setting) {
      RequireSchema floor =
          RequireSchema.newBuilder().setTableId(table.id()).setSchemaVersion(setting).build();
      var _ =
          partition
              .writer()
              .submit(Effect.newBuilder().setRequireSchema(floor).build())
              .whenComplete((_, _) -> walksOnTheirWay.remove(place));
      return;
    }
    ExpiryWalk walk = partition.machine().expiryWalk(table.id());
    ByteString after =
        walk != null && walk.getSchemaVersion() == setting ? walk.getLastKey() : ByteString.EMPTY;
    List<StoredItem> items =
        partition.reader().items(table.id(), after, WALK_ITEMS_MAX, WALK_BYTES_MAX);
    ExpiryStep.Builder step = ExpiryStep.newBuilder().setTableId(table.id());
    String attribute = table.expiryAttribute();
    for (StoredItem item : items) {
      if (attribute != null) {
        Expiries.of(attribute, StoredValue.read(item.value()).item())
            .ifPresent(
                seconds ->
                    step.addPuts(Expiry.newBuilder().setSeconds(seconds).setKey(item.suffix())));
      }
    }
    step.setWalk(
        ExpiryWalk.newBuilder()
            .setSchemaVersion(setting)
            .setLastKey(items.isEmpty() ? after : items.getLast().suffix())
            .setDone(items.isEmpty()));
    submit(partition, step.build(), walksOnTheirWay, place);
  }
}
