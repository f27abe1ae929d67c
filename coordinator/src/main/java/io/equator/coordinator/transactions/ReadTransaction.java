package io.equator.coordinator.transactions;

import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Plan.Charge;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.CancellationReason;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.PartitionId;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.proto.TransactReadResult;
import io.equator.proto.TransactReadResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of reads: reads until two rounds, one after the other, have found every item at
 * the same version and none about to be written.
 *
 * <p>Then every item was what was read, unlocked, at the moment at which the first of the two
 * rounds ended. A transaction that was committed before that moment had let go of all those items,
 * so all of its writes were read; of one that was committed later, none was. With one partition a
 * single round does: it is one applied state.
 *
 * <p>An item that is about to be written makes another round, after a pause; when it is the same
 * transaction for too long, its ledger is asked.
 */
final class ReadTransaction {
  private static final long PAUSE_FIRST_MILLIS = 2;
  private static final long PAUSE_MAX_MILLIS = 64;

  private record Read(int index, TransactGet get, int ringId, ItemKey key) {}

  private final PartitionAccess access;
  private final Settlement settlement;
  private final TransactionLimits limits;
  private final List<TransactGet> gets;
  private final CompletableFuture<TransactReadOutcome> result = new CompletableFuture<>();
  private final List<Read> reads = new ArrayList<>();
  private @Nullable List<TransactReadResult> before;
  private int rounds;

  ReadTransaction(
      PartitionAccess access,
      Settlement settlement,
      TransactionLimits limits,
      List<TransactGet> gets) {
    this.access = access;
    this.settlement = settlement;
    this.limits = limits;
    this.gets = gets;
  }

  CompletableFuture<TransactReadOutcome> start() {
    CatalogSnapshot snapshot = access.catalog();
    List<CancellationReason> reasons = bind(snapshot);
    if (reasons.stream().anyMatch(reason -> !reason.isNone())) {
      return CompletableFuture.completedFuture(new TransactReadOutcome.Cancelled(reasons));
    }
    round();
    return result;
  }

  private record ItemName(int table, ItemKey key) {}

  private List<CancellationReason> bind(CatalogSnapshot snapshot) {
    List<TableView> tables = new ArrayList<>();
    for (TransactGet get : gets) {
      tables.add(TableNames.serving(snapshot, get.tableName()));
    }
    List<CancellationReason> reasons = new ArrayList<>();
    Set<ItemName> seen = new HashSet<>();
    boolean duplicate = false;
    for (int i = 0; i < gets.size(); i++) {
      try {
        ItemGet.Builder get = gets.get(i).binder().get(snapshot, tables.get(i));
        reads.add(new Read(i, gets.get(i), tables.get(i).ringId(), get.getKey()));
        reasons.add(CancellationReason.NONE);
        duplicate |= !seen.add(new ItemName(tables.get(i).id(), get.getKey()));
      } catch (ApiException e) {
        reasons.add(CancellationReason.of(e.error()));
      }
    }
    if (duplicate) {
      throw ApiException.validation(
          "Transaction request cannot include multiple operations on one item");
    }
    return reasons;
  }

  private void round() {
    rounds++;
    CatalogSnapshot snapshot = access.catalog();
    Map<PartitionId, List<Read>> parts = new LinkedHashMap<>();
    for (Read read : reads) {
      parts
          .computeIfAbsent(
              snapshot.partitions().partitionOf(read.ringId(), read.key().getToken()).id(),
              _ -> new ArrayList<>())
          .add(read);
    }
    List<List<Read>> groups = List.copyOf(parts.values());
    List<CompletableFuture<Routed<TransactReadResults>>> calls = new ArrayList<>();
    for (List<Read> group : groups) {
      Plan<GetRequest.Builder> plan = plan(group);
      calls.add(
          access.transactRead(
              rounds > 1
                  ? Plan.as(Charge.REPEATS, plan)
                  : calls.isEmpty() ? plan : Plan.as(Charge.GOES_ON, plan)));
      if (Routed.isRefused(calls.getLast())) {
        // The others would be paid for in vain.
        break;
      }
    }
    var _ =
        CompletableFuture.allOf(calls.toArray(new CompletableFuture<?>[0]))
            .whenComplete(
                (_, failure) -> {
                  try {
                    if (failure != null) {
                      result.completeExceptionally(failure);
                    } else {
                      take(groups, calls);
                    }
                  } catch (RuntimeException e) {
                    result.completeExceptionally(e);
                  }
                });
  }

  private static Plan<GetRequest.Builder> plan(List<Read> group) {
    return snapshot -> {
      GetRequest.Builder request = GetRequest.newBuilder();
      PartitionId first = null;
      for (Read read : group) {
        PartitionId owner =
            snapshot.partitions().partitionOf(read.ringId(), read.key().getToken()).id();
        if (first != null && !first.equals(owner)) {
          return null;
        }
        first = owner;
        TableView table = TableNames.serving(snapshot, read.get().tableName());
        request.addGets(read.get().binder().get(snapshot, table).setTable(table.reference()));
      }
      return new Plan.Bound<>(
          group.getFirst().ringId(), group.getFirst().key().getToken(), request);
    };
  }

  private void take(
      List<List<Read>> groups, List<CompletableFuture<Routed<TransactReadResults>>> calls) {
    List<TransactReadResult> now =
        new ArrayList<>(Collections.nCopies(gets.size(), TransactReadResult.getDefaultInstance()));
    for (int g = 0; g < groups.size(); g++) {
      switch (calls.get(g).join()) {
        case Routed.Answer<TransactReadResults>(TransactReadResults results) -> {
          for (int i = 0; i < groups.get(g).size(); i++) {
            now.set(groups.get(g).get(i).index(), results.getResults(i));
          }
        }
        case Routed.Refused<TransactReadResults>(ApiError error) -> {
          result.completeExceptionally(new ApiException(error));
          return;
        }
        case Routed.Scattered<TransactReadResults>() -> {
          before = null;
          again(List.of());
          return;
        }
      }
    }
    List<TransactReadResult> last = before;
    boolean locked = now.stream().anyMatch(TransactReadResult::getLocked);
    if (!locked && (groups.size() == 1 || (last != null && same(last, now)))) {
      List<GetResult> items = now.stream().map(TransactReadResult::getResult).toList();
      result.complete(new TransactReadOutcome.Found(items));
      return;
    }
    before = locked ? null : now;
    if (!locked && rounds < limits.readRounds()) {
      round();
    } else {
      again(now);
    }
  }

  private static boolean same(List<TransactReadResult> one, List<TransactReadResult> other) {
    for (int i = 0; i < one.size(); i++) {
      TransactReadResult a = one.get(i);
      TransactReadResult b = other.get(i);
      if (a.getVersion() != b.getVersion() || a.getResult().hasItem() != b.getResult().hasItem()) {
        return false;
      }
    }
    return true;
  }

  /** Another round after a pause, if there may be one. */
  private void again(List<TransactReadResult> now) {
    if (rounds < limits.readRounds()) {
      long pause = Math.min(PAUSE_MAX_MILLIS, PAUSE_FIRST_MILLIS << Math.min(rounds, 6));
      access.later(pause, this::round);
      return;
    }
    List<CancellationReason> reasons = new ArrayList<>();
    boolean any = false;
    for (int i = 0; i < now.size(); i++) {
      boolean locked = now.get(i).getLocked();
      any |= locked;
      reasons.add(locked ? CancellationReason.CONFLICT : CancellationReason.NONE);
      if (locked && !now.get(i).getLedgerKey().isEmpty()) {
        Read read = reads.get(i);
        var _ =
            settlement.settleLock(
                now.get(i).getLedgerKey(),
                now.get(i).getTransactionId(),
                read.ringId(),
                read.key().getToken());
      }
    }
    if (now.isEmpty()) {
      result.completeExceptionally(
          ApiException.of(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error"));
      return;
    }
    result.complete(
        new TransactReadOutcome.Cancelled(
            any ? reasons : Collections.nCopies(gets.size(), CancellationReason.CONFLICT)));
  }
}
