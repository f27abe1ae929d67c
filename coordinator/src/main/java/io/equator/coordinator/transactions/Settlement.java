package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.transactions.Ledger.Change;
import io.equator.coordinator.transactions.Ledger.Entry;
import io.equator.coordinator.transactions.Ledger.Found;
import io.equator.partitioner.PartitionId;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResults;
import io.equator.proto.LedgerRow;
import io.equator.proto.LedgerRow.State;
import io.equator.proto.Participant;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings transactions to their end that somebody else has left.
 *
 * <table>
 * <caption>What becomes of a row</caption>
 * <tr><td>PREPARING, stale</td><td>CANCELLED by compare-and-set; who loses follows the winner</td></tr>
 * <tr><td>COMMITTED, CANCELLED</td><td>every participant is told, then COMPLETED or removed</td></tr>
 * <tr><td>SINGLE, stale</td><td>its partition is told to cancel, and says how it has ended</td></tr>
 * <tr><td>COMPLETED</td><td>removed when its token has expired</td></tr>
 * </table>
 *
 * <p>Several may settle the same transaction at once: every step may be repeated.
 */
final class Settlement {
  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

  private final PartitionAccess access;
  private final Ledger ledger;
  private final TransactionLimits limits;

  Settlement(PartitionAccess access, Ledger ledger, TransactionLimits limits) {
    this.access = access;
    this.ledger = ledger;
    this.limits = limits;
  }

  /** Whether nobody is expected to work on this transaction any more. */
  boolean isStale(LedgerRow row) {
    return access.nowMillis() - row.getChangedMillis() >= limits.staleAfter();
  }

  /** Whether a completed row is of no use any more. */
  boolean isExpired(LedgerRow row, long margin) {
    return row.getState() == State.COMPLETED
        && access.nowMillis() - row.getChangedMillis() >= limits.tokenKept() + margin;
  }

  /**
   * Settles a transaction as far as it is anybody's business now.
   *
   * @return true when its row is COMPLETED or gone; false when it is somebody else's, or not
   *     everybody answered, and it must be looked at again
   */
  CompletableFuture<Boolean> settle(Entry entry) {
    LedgerRow row = entry.row();
    return switch (row.getState()) {
      case COMPLETED ->
          isExpired(row, limits.tokenMargin())
              ? ledger.remove(entry).thenApply(_ -> true)
              : done(true);
      case COMMITTED, CANCELLED -> isStale(row) ? finish(entry) : done(false);
      case PREPARING -> isStale(row) ? cancel(entry) : done(false);
      case SINGLE -> isStale(row) ? askThePartition(entry) : done(false);
      case STATE_UNSPECIFIED, UNRECOGNIZED -> {
        LOG.error("a row of the ledger has the unknown state {}", row.getStateValue());
        yield done(false);
      }
    };
  }

  /** Settles the transaction that holds a lock, whether it has a row or not. */
  CompletableFuture<Boolean> settleLock(
      ByteString ledgerKey, ByteString transactionId, int ringId, long token) {
    return ledger
        .read(ledgerKey)
        .thenCompose(
            found ->
                switch (found) {
                  case Found.Unknown _ -> done(false);
                  case Found.Row(Optional<Entry> entry) -> {
                    if (entry.isPresent()
                        && entry.get().row().getTransactionId().equals(transactionId)) {
                      LedgerRow row = entry.get().row();
                      yield row.getState() == State.COMPLETED
                          ? tell(row, true)
                          : settle(entry.get());
                    }
                    // The row goes only when every participant knows the end: this lock came late.
                    LOG.warn("a lock of a transaction without a row is cancelled");
                    yield tell(ringId, token, transactionId, false, 0)
                        .thenApply(Routed.Answer.class::isInstance);
                  }
                });
  }

  private CompletableFuture<Boolean> cancel(Entry entry) {
    LedgerRow cancelled =
        entry.row().toBuilder()
            .setState(State.CANCELLED)
            .setChangedMillis(access.nowMillis())
            .build();
    return ledger
        .replace(entry, cancelled)
        .thenCompose(
            change ->
                switch (change) {
                  case Change.Made(Entry now) -> finish(now);
                  case Change.Lost(Optional<Entry> now) ->
                      now.isEmpty() ? done(true) : settle(now.get());
                  case Change.Unknown _ -> done(false);
                });
  }

  /** Tells every participant what was decided, and completes the row. */
  CompletableFuture<Boolean> finish(Entry decided) {
    LedgerRow row = decided.row();
    boolean commit = row.getState() == State.COMMITTED;
    return tell(row, commit).thenCompose(all -> all ? complete(decided, commit) : done(false));
  }

  /** All participants know: the row is kept only when its token may come again. */
  CompletableFuture<Boolean> complete(Entry entry, boolean committed) {
    LedgerRow row = entry.row();
    CompletableFuture<Change> change =
        committed && row.getTokenGiven()
            ? ledger.replace(
                entry,
                row.toBuilder()
                    .setState(State.COMPLETED)
                    .clearParticipants()
                    .setChangedMillis(access.nowMillis())
                    .build())
            : ledger.remove(entry);
    return change.thenApply(made -> !(made instanceof Change.Unknown));
  }

  private CompletableFuture<Boolean> askThePartition(Entry entry) {
    LedgerRow row = entry.row();
    if (access.nowMillis() - row.getChangedMillis() >= limits.tokenKept()) {
      // The partition may have forgotten, and the token is not to be recognised any more.
      return ledger.remove(entry).thenApply(_ -> true);
    }
    Participant participant = row.getParticipants(0);
    return tell(participant.getRingId(), participant.getToken(), row.getTransactionId(), false, 0)
        .thenCompose(
            routed ->
                routed instanceof Routed.Answer<FinishResults>(FinishResults results)
                    ? complete(entry, results.getCommitted())
                    : done(false));
  }

  /**
   * Tells every partition that takes part. Each message is for the partition that its participants
   * were grouped by: when that has been split meanwhile, one message would reach only one of its
   * heirs, and the items of the other would stay locked under a row that says that all is done. So
   * everybody is told again, by the newer map.
   */
  CompletableFuture<Boolean> tell(LedgerRow row, boolean commit) {
    List<CompletableFuture<Routed<FinishResults>>> calls = new ArrayList<>();
    for (Map.Entry<PartitionId, Participant> each : partitions(access.catalog(), row).entrySet()) {
      Participant participant = each.getValue();
      calls.add(
          access.finish(
              snapshot ->
                  snapshot
                          .partitions()
                          .partitionOf(participant.getRingId(), participant.getToken())
                          .id()
                          .equals(each.getKey())
                      ? finish(
                          participant.getRingId(),
                          participant.getToken(),
                          row.getTransactionId(),
                          commit,
                          row.getCommitTimestamp())
                      : null));
    }
    return CompletableFuture.allOf(calls.toArray(new CompletableFuture<?>[0]))
        .thenCompose(
            _ ->
                calls.stream().anyMatch(call -> call.join() instanceof Routed.Scattered)
                    ? tell(row, commit)
                    : done(calls.stream().allMatch(call -> call.join() instanceof Routed.Answer)));
  }

  /** One key of each partition that takes part, by the newest map. */
  private static Map<PartitionId, Participant> partitions(CatalogSnapshot snapshot, LedgerRow row) {
    Map<PartitionId, Participant> partitions = new LinkedHashMap<>();
    for (Participant participant : row.getParticipantsList()) {
      partitions.putIfAbsent(
          snapshot.partitions().partitionOf(participant.getRingId(), participant.getToken()).id(),
          participant);
    }
    return partitions;
  }

  private CompletableFuture<Routed<FinishResults>> tell(
      int ringId, long token, ByteString transactionId, boolean commit, long timestamp) {
    return access.finish(_ -> finish(ringId, token, transactionId, commit, timestamp));
  }

  private static Bound<FinishRequest.Builder> finish(
      int ringId, long token, ByteString transactionId, boolean commit, long timestamp) {
    return new Bound<>(
        ringId,
        token,
        FinishRequest.newBuilder()
            .setTransactionId(transactionId)
            .setCommit(commit)
            .setTimestamp(timestamp));
  }

  private static CompletableFuture<Boolean> done(boolean settled) {
    return CompletableFuture.completedFuture(settled);
  }
}
