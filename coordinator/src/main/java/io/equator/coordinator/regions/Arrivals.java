package io.equator.coordinator.regions;

import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.partitioner.PartitionId;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.ReplicateResponse.Outcome;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationSource;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Merges the items of one request: one call for each partition, all at once. Items that a
 * transaction holds are tried again until it lets them go, for a while; the others of the request
 * are not kept from it.
 *
 * <p>Each try is for a source that may send here now. One that has gone meanwhile is heard no more:
 * deletions may be forgotten without it from then on, and what it had sent before them would come
 * back. A try that is under way then was made for an older schema of the table, and nodes refuse
 * it.
 */
final class Arrivals {
  private static final int TRIES_MAX = 40;
  private static final long PAUSE_MILLIS = 50;

  private final InboxAccess access;
  private final ReplicationSource source;
  private final CompletableFuture<Result> done = new CompletableFuture<>();
  private int taken;
  private int lost;
  private int tries;
  private boolean clockAhead;
  private @Nullable String trouble;
  private List<ReplicatedItem> held = new ArrayList<>();

  Arrivals(InboxAccess access, ReplicationSource source) {
    this.access = access;
    this.source = source;
  }

  /**
   * What became of the items.
   *
   * @param taken became the stored version
   * @param lost met a greater version
   * @param clockAhead at least one is not merged, because its timestamp is not believed
   * @param trouble why not all of them are merged or beaten; null when they are
   */
  record Result(int taken, int lost, boolean clockAhead, @Nullable String trouble) {}

  CompletableFuture<Result> merge(List<ReplicatedItem> items) {
    send(items);
    return done;
  }

  private void send(List<ReplicatedItem> items) {
    CatalogSnapshot snapshot = access.catalog();
    Optional<TableView> table = table(snapshot);
    if (table.isEmpty() || items.isEmpty()) {
      finish(items.isEmpty() ? null : "the table is gone, or has this source no more");
      return;
    }
    Map<PartitionId, List<ReplicatedItem>> groups = new LinkedHashMap<>();
    for (ReplicatedItem item : items) {
      long token = key(snapshot, table.get(), item).getToken();
      groups
          .computeIfAbsent(
              snapshot.partitions().partitionOf(table.get().ringId(), token).id(),
              _ -> new ArrayList<>())
          .add(item);
    }
    AtomicInteger open = new AtomicInteger(groups.size());
    for (List<ReplicatedItem> group : groups.values()) {
      var _ =
          access
              .write(newest -> bind(newest, group))
              .whenComplete(
                  (routed, failure) -> {
                    take(group, routed, failure);
                    if (open.decrementAndGet() == 0) {
                      round();
                    }
                  });
    }
  }

  private Optional<TableView> table(CatalogSnapshot snapshot) {
    return GlobalTables.refusal(snapshot, source) == Outcome.OUTCOME_UNSPECIFIED
        ? GlobalTables.find(snapshot, source.getGlobalTableId())
        : Optional.empty();
  }

  private @Nullable Bound<WriteRequest.Builder> bind(
      CatalogSnapshot snapshot, List<ReplicatedItem> group) {
    TableView table = table(snapshot).orElse(null);
    if (table == null) {
      return null;
    }
    WriteRequest.Builder writes = WriteRequest.newBuilder();
    long first = 0;
    PartitionId owner = null;
    for (ReplicatedItem item : group) {
      ItemKey key = key(snapshot, table, item);
      PartitionId of = snapshot.partitions().partitionOf(table.ringId(), key.getToken()).id();
      if (owner == null) {
        owner = of;
        first = key.getToken();
      } else if (!owner.equals(of)) {
        return null;
      }
      writes.addWrites(
          ItemWrite.newBuilder()
              .setTable(table.reference())
              .setKey(key)
              .setMerge(item.getValue())
              .setNotDeletedUntil(item.getNotDeletedUntil()));
    }
    return new Bound<>(table.ringId(), first, writes);
  }

  private static ItemKey key(CatalogSnapshot snapshot, TableView table, ReplicatedItem item) {
    return GlobalTables.key(snapshot, table, item.getPartitionKey(), item.getSortKey());
  }

  private synchronized void take(
      List<ReplicatedItem> group,
      @Nullable Routed<WriteResults> routed,
      @Nullable Throwable failure) {
    switch (routed) {
      case Routed.Answer<WriteResults>(WriteResults results) -> {
        for (int i = 0; i < group.size(); i++) {
          take(group.get(i), results.getResults(i));
        }
      }
      case Routed.Refused<WriteResults>(var error) -> trouble = error.message();
      case Routed.Scattered<WriteResults>() -> trouble = "the partitions have changed";
      case null -> trouble = String.valueOf(failure);
    }
  }

  private void take(ReplicatedItem item, WriteResult result) {
    if (!result.hasWritten()) {
      if (result.getRefused().getCode().contains("TransactionConflict")) {
        held.add(item);
      } else {
        trouble = "an item is refused: " + result.getRefused().getMessage();
      }
      return;
    }
    switch (result.getWritten().getMerge()) {
      case MERGE_TAKEN -> taken++;
      case MERGE_LOST -> lost++;
      case MERGE_CLOCK_AHEAD -> clockAhead = true;
      case NO_MERGE, UNRECOGNIZED -> trouble = "a node does not know how to merge";
    }
  }

  /** Every partition has answered. */
  private void round() {
    List<ReplicatedItem> again;
    synchronized (this) {
      again = held;
      held = new ArrayList<>();
    }
    if (again.isEmpty()) {
      finish(null);
    } else if (++tries >= TRIES_MAX) {
      finish("transactions hold " + again.size() + " items");
    } else {
      access.later(PAUSE_MILLIS, () -> send(again));
    }
  }

  private void finish(@Nullable String why) {
    Result result;
    synchronized (this) {
      result = new Result(taken, lost, clockAhead, why == null ? trouble : why);
    }
    done.complete(result);
  }
}
