package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import io.equator.coordinator.items.WriteOutcomes;
import io.equator.coordinator.router.Overload;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Plan.Charge;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.transactions.BoundActions.Part;
import io.equator.coordinator.transactions.Ledger.Change;
import io.equator.coordinator.transactions.Ledger.Entry;
import io.equator.coordinator.transactions.TransactWriteOutcome.Cancelled;
import io.equator.coordinator.transactions.TransactWriteOutcome.Committed;
import io.equator.coordinator.transactions.TransactWriteOutcome.Replayed;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.CancellationReason;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.EncodedItem;
import io.equator.partitioner.PartitionId;
import io.equator.proto.ActionResult;
import io.equator.proto.ItemKey;
import io.equator.proto.LedgerRow;
import io.equator.proto.LedgerRow.State;
import io.equator.proto.Participant;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResults;
import io.equator.proto.PrepareResults.Vote;
import io.equator.proto.ReplayCharge;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of writes on its way; see {@link TransactionEngine} for the ways. Each step
 * begins when the one before has its answer, so the fields need no lock.
 */
final class WriteTransaction {
  /** How often a row under the same token is cleared away before it is called in progress. */
  private static final int STARTS_MAX = 3;

  /** How often a row that somebody works on is looked at, after 20, 40, 80 and 160 ms. */
  private static final int LOOKS_MAX = 4;

  private static final long LOOK_FIRST_MILLIS = 20;

  private static final int ID_LENGTH = 16;
  private static final int LEDGER_KEY_LENGTH = 32;

  private static final ApiError IN_PROGRESS =
      new ApiError(
          ErrorCode.TRANSACTION_IN_PROGRESS,
          "The transaction with the given request token is already in progress.");
  private static final ApiError MISMATCH =
      new ApiError(
          ErrorCode.IDEMPOTENT_PARAMETER_MISMATCH,
          "The transaction with the given request token was made with other parameters.");
  private static final ApiError INTERNAL =
      new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");

  private final TransactionEngine engine;
  private final PartitionAccess access;
  private final Ledger ledger;
  private final List<TransactAction> actions;
  private final Optional<ClientToken> token;
  private final CompletableFuture<TransactWriteOutcome> result = new CompletableFuture<>();
  private final ByteString ledgerKey;

  private BoundActions bound;
  private List<Part> parts = List.of();
  private ByteString id = ByteString.EMPTY;
  private long timestamp;
  private int starts;
  private int looks;

  WriteTransaction(
      TransactionEngine engine, List<TransactAction> actions, Optional<ClientToken> token) {
    this.engine = engine;
    this.access = engine.access();
    this.ledger = engine.ledger();
    this.actions = actions;
    this.token = token;
    this.ledgerKey =
        token.map(ClientToken::ledgerKey).orElseGet(() -> engine.randomBytes(LEDGER_KEY_LENGTH));
    this.bound = BoundActions.of(access.catalog(), actions);
  }

  CompletableFuture<TransactWriteOutcome> start() {
    if (bound.refused()) {
      return CompletableFuture.completedFuture(new Cancelled(bound.reasons));
    }
    begin();
    return result;
  }

  private void begin() {
    starts++;
    CatalogSnapshot snapshot = access.catalog();
    id = engine.randomBytes(ID_LENGTH);
    timestamp = engine.timestamp();
    parts = bound.parts(snapshot);
    if (parts.size() > 1) {
      prepareAll();
    } else if (token.isEmpty()) {
      writeAlone();
    } else if (rowIsBeside(snapshot)) {
      writeWithRow();
    } else {
      writeUnderRow();
    }
  }

  private boolean rowIsBeside(CatalogSnapshot snapshot) {
    ItemKey row = Ledger.key(snapshot, ledgerKey);
    Part part = parts.getFirst();
    return part.ringId() == SystemTables.LEDGER.ringId()
        && owner(snapshot, part.ringId(), row.getToken())
            .equals(owner(snapshot, part.ringId(), part.token()));
  }

  private static PartitionId owner(CatalogSnapshot snapshot, int ringId, long token) {
    return snapshot.partitions().partitionOf(ringId, token).id();
  }

  // ---- one partition
  // ------------------------------------------------------------------------------

  private void writeAlone() {
    then(access.transactWrite(plan(parts.getFirst(), ByteString.EMPTY, false)), this::written);
  }

  /** The row is one more item of the transaction, the last one. */
  private void writeWithRow() {
    then(
        access.transactWrite(plan(parts.getFirst(), ByteString.EMPTY, true)),
        routed -> {
          if (routed instanceof Routed.Answer<PrepareResults>(PrepareResults results)
              && results.getVote() == Vote.REFUSED) {
            ActionResult row = results.getActions(results.getActionsCount() - 1);
            if (row.hasConditionFailed() && row.getConditionFailed().hasItem()) {
              known(Entry.of(EncodedItem.wrap(row.getConditionFailed().getItem())));
              return;
            }
            if (row.hasConflict()) {
              fail(IN_PROGRESS);
              return;
            }
          }
          written(routed);
        });
  }

  private void written(Routed<PrepareResults> routed) {
    switch (routed) {
      case Routed.Refused<PrepareResults>(ApiError error) -> refuse(error);
      case Routed.Scattered<PrepareResults>() -> prepareAll();
      case Routed.Answer<PrepareResults>(PrepareResults results) -> {
        switch (results.getVote()) {
          case ACCEPTED -> result.complete(committed(List.of(results)));
          case REFUSED -> result.complete(cancelled(List.of(results)));
          case TOO_LARGE -> prepareAll();
          case CANCELLED_BEFORE, OUT_OF_TIME -> result.complete(conflict());
          case COMMITTED_BEFORE, VOTE_UNSPECIFIED, UNRECOGNIZED -> fail(INTERNAL);
        }
      }
    }
  }

  /** The row lies in another partition: it comes first, and learns the outcome. */
  private void writeUnderRow() {
    insert(
        State.SINGLE,
        row ->
            then(
                access.transactWrite(plan(parts.getFirst(), ledgerKey, false)),
                routed -> writtenUnder(row, routed)));
  }

  private void writtenUnder(Entry row, Routed<PrepareResults> routed) {
    if (!(routed instanceof Routed.Answer<PrepareResults>(PrepareResults results))) {
      // Perhaps it was written; whoever finds the row asks the partition.
      fail(routed instanceof Routed.Refused<PrepareResults>(ApiError error) ? error : INTERNAL);
      return;
    }
    if (results.getVote() == Vote.TOO_LARGE) {
      then(
          ledger.replace(row, row(State.PREPARING)),
          change -> {
            if (change instanceof Change.Made(Entry now)) {
              prepare(now);
            } else {
              fail(INTERNAL);
            }
          });
      return;
    }
    // The partition has decided; the row is for those who come with the same token.
    written(routed);
    var _ = engine.settlement().complete(row, results.getVote() == Vote.ACCEPTED);
  }

  // ---- several partitions
  // -------------------------------------------------------------------------

  private void prepareAll() {
    insert(State.PREPARING, this::prepare);
  }

  private void prepare(Entry row) {
    List<CompletableFuture<Routed<PrepareResults>>> calls = new ArrayList<>();
    for (Part part : parts) {
      Plan<PrepareRequest.Builder> plan = plan(part, ledgerKey, false);
      calls.add(access.prepare(calls.isEmpty() ? plan : Plan.as(Charge.GOES_ON, plan)));
      if (Routed.isRefused(calls.getLast())) {
        // The others would be locked, and paid for, in vain.
        break;
      }
    }
    CompletableFuture<Boolean> answered = new CompletableFuture<>();
    var _ =
        CompletableFuture.allOf(calls.toArray(new CompletableFuture<?>[0]))
            .whenComplete((_, _) -> answered.complete(true));
    access.later(engine.limits().decideWithin(), () -> answered.complete(false));
    then(answered, inTime -> decide(row, inTime ? calls : List.of()));
  }

  /** The commit point. */
  private void decide(Entry row, List<CompletableFuture<Routed<PrepareResults>>> calls) {
    List<PrepareResults> votes = new ArrayList<>();
    ApiError error = calls.isEmpty() ? INTERNAL : null;
    long commitTimestamp = timestamp;
    boolean commit = error == null;
    for (CompletableFuture<Routed<PrepareResults>> call : calls) {
      switch (call.join()) {
        case Routed.Answer<PrepareResults>(PrepareResults results) -> {
          votes.add(results);
          commit &= results.getVote() == Vote.ACCEPTED;
          if (Long.compareUnsigned(results.getMinTimestamp(), commitTimestamp) > 0) {
            commitTimestamp = results.getMinTimestamp();
          }
        }
        case Routed.Refused<PrepareResults>(ApiError refusal) -> {
          error = refusal;
          commit = false;
        }
        case Routed.Scattered<PrepareResults>() -> {
          error = INTERNAL;
          commit = false;
        }
      }
    }
    LedgerRow decided =
        row.row().toBuilder()
            .setState(commit ? State.COMMITTED : State.CANCELLED)
            .setCommitTimestamp(commitTimestamp)
            .setChangedMillis(access.nowMillis())
            .build();
    ApiError why = error;
    then(ledger.replace(row, decided), change -> decided(change, votes, why));
  }

  private void decided(Change change, List<PrepareResults> votes, @Nullable ApiError error) {
    switch (change) {
      case Change.Made(Entry now) -> finish(now, votes, error);
      // Somebody took it for abandoned, and what it came to stands in the row; only a cancel can.
      case Change.Lost(Optional<Entry> now) -> {
        if (now.isPresent()
            && now.get().row().getTransactionId().equals(id)
            && now.get().row().getState() == State.COMMITTED) {
          finish(now.get(), votes, error);
        } else {
          result.complete(conflict());
        }
      }
      case Change.Unknown(ApiError why) -> fail(why);
    }
  }

  private void finish(Entry decided, List<PrepareResults> votes, @Nullable ApiError error) {
    boolean commit = decided.row().getState() == State.COMMITTED;
    then(
        engine.settlement().tell(decided.row(), commit),
        all -> {
          if (all) {
            // Nobody waits for it. Who comes with the same token, or the sweeper, does it if we do
            // not.
            var _ = engine.settlement().complete(decided, commit);
          }
          if (commit && all) {
            result.complete(committed(votes));
          } else if (commit) {
            // It is committed, but not everywhere yet, and must not be taken for done.
            fail(INTERNAL);
          } else if (error != null) {
            refuse(error);
          } else {
            result.complete(cancelled(votes));
          }
        });
  }

  // ---- the ledger
  // ---------------------------------------------------------------------------------

  private interface WithRow {
    void run(Entry row);
  }

  private void insert(State state, WithRow next) {
    then(
        ledger.insert(ledgerKey, row(state)),
        change -> {
          switch (change) {
            case Change.Made(Entry row) -> next.run(row);
            case Change.Lost(Optional<Entry> found) -> {
              if (found.isPresent()) {
                known(found.get());
              } else {
                restart();
              }
            }
            case Change.Unknown(ApiError error) -> fail(error);
          }
        });
  }

  /** The token has come before. */
  private void known(Entry entry) {
    LedgerRow row = entry.row();
    boolean expired = engine.settlement().isExpired(row, 0);
    if (!expired && token.isPresent() && !row.getFingerprint().equals(token.get().fingerprint())) {
      fail(MISMATCH);
    } else if (expired) {
      then(ledger.remove(entry), _ -> restart());
    } else if (row.getState() == State.COMPLETED) {
      result.complete(new Replayed(row.getChargesList()));
    } else if (row.getState() == State.COMMITTED || row.getState() == State.CANCELLED) {
      // What it came to stands, whoever tells the partitions; perhaps they all know.
      restartWhen(engine.settlement().finish(entry));
    } else if (engine.settlement().isStale(row)) {
      restartWhen(engine.settlement().settle(entry));
    } else {
      lookAgain();
    }
  }

  private void restartWhen(CompletableFuture<Boolean> settled) {
    then(
        settled,
        done -> {
          if (done) {
            restart();
          } else {
            fail(IN_PROGRESS);
          }
        });
  }

  /** Its caller may have been answered already, and only the row is a moment behind. */
  private void lookAgain() {
    if (looks == LOOKS_MAX) {
      fail(IN_PROGRESS);
      return;
    }
    CompletableFuture<Boolean> paused = new CompletableFuture<>();
    access.later(LOOK_FIRST_MILLIS << looks++, () -> paused.complete(true));
    then(paused, _ -> begin());
  }

  private void restart() {
    if (starts >= STARTS_MAX) {
      fail(IN_PROGRESS);
      return;
    }
    begin();
  }

  private LedgerRow row(State state) {
    LedgerRow.Builder row =
        LedgerRow.newBuilder()
            .setState(state)
            .setTransactionId(id)
            .setBegunTimestamp(timestamp)
            .setChangedMillis(access.nowMillis())
            .setTokenGiven(token.isPresent());
    token.ifPresent(given -> row.setFingerprint(given.fingerprint()).addAllCharges(charges()));
    if (state != State.COMPLETED) {
      for (BoundActions.Bound action : bound.all) {
        row.addParticipants(
            Participant.newBuilder().setRingId(action.ringId()).setToken(action.key().getToken()));
      }
    }
    return row.build();
  }

  /** What a repetition will be charged: two read units for each 4 KB of what was asked. */
  private List<ReplayCharge> charges() {
    Map<String, Double> units = new LinkedHashMap<>();
    for (BoundActions.Bound action : bound.all) {
      units.merge(
          action.action().tableName(),
          io.equator.model.capacity.CapacityUnits.read(
              action.sizeBytes(), io.equator.model.capacity.ReadMode.TRANSACTIONAL),
          Double::sum);
    }
    List<ReplayCharge> charges = new ArrayList<>();
    units.forEach(
        (table, read) ->
            charges.add(ReplayCharge.newBuilder().setTableName(table).setReadUnits(read).build()));
    return charges;
  }

  private Plan<PrepareRequest.Builder> plan(Part part, ByteString key, boolean withRow) {
    ByteString transaction = id;
    long begun = timestamp;
    return snapshot -> {
      List<io.equator.proto.TransactAction.Builder> writes = BoundActions.writes(snapshot, part);
      if (writes == null) {
        return null;
      }
      PrepareRequest.Builder request =
          PrepareRequest.newBuilder()
              .setTransactionId(transaction)
              .setLedgerKey(key)
              .setTimestamp(begun);
      writes.forEach(request::addActions);
      if (withRow) {
        request.addActions(
            io.equator.proto.TransactAction.newBuilder()
                .setWrite(
                    Ledger.insertion(ledgerKey, row(State.COMPLETED))
                        .setTable(SystemTables.LEDGER.reference())
                        .setKey(Ledger.key(snapshot, ledgerKey))));
      }
      return new Plan.Bound<>(part.ringId(), part.token(), request);
    };
  }

  // ---- outcomes
  // -----------------------------------------------------------------------------------

  private Committed committed(List<PrepareResults> votes) {
    List<Written> writes =
        new ArrayList<>(Collections.nCopies(actions.size(), Written.getDefaultInstance()));
    for (int p = 0; p < parts.size(); p++) {
      List<BoundActions.Bound> of = parts.get(p).actions();
      for (int i = 0; i < of.size(); i++) {
        writes.set(of.get(i).index(), votes.get(p).getActions(i).getWritten());
      }
    }
    return new Committed(writes);
  }

  private Cancelled cancelled(List<PrepareResults> votes) {
    List<CancellationReason> reasons =
        new ArrayList<>(Collections.nCopies(actions.size(), CancellationReason.NONE));
    boolean any = false;
    for (int p = 0; p < parts.size(); p++) {
      List<BoundActions.Bound> of = parts.get(p).actions();
      PrepareResults vote = votes.get(p);
      for (int i = 0; i < of.size(); i++) {
        CancellationReason reason =
            vote.getVote() == Vote.REFUSED
                ? reason(vote.getActions(i))
                : vote.getVote() == Vote.ACCEPTED
                    ? CancellationReason.NONE
                    : CancellationReason.CONFLICT;
        reasons.set(of.get(i).index(), reason);
        any |= !reason.isNone();
      }
    }
    return any ? new Cancelled(reasons) : conflict();
  }

  private static CancellationReason reason(ActionResult result) {
    return switch (result.getOutcomeCase()) {
      case WRITTEN -> CancellationReason.NONE;
      case CONFLICT -> CancellationReason.CONFLICT;
      case CONDITION_FAILED ->
          CancellationReason.conditionFailed(
              result.getConditionFailed().hasItem()
                  ? EncodedItem.wrap(result.getConditionFailed().getItem())
                  : null);
      case REFUSED -> CancellationReason.of(WriteOutcomes.refusal(result.getRefused()));
      case OUTCOME_NOT_SET -> throw new IllegalStateException("an action without an outcome");
    };
  }

  /** Others were in the way, and that is all that can be said. */
  private Cancelled conflict() {
    return new Cancelled(Collections.nCopies(actions.size(), CancellationReason.CONFLICT));
  }

  /** A refusal of a whole part. */
  private void refuse(ApiError error) {
    if (Overload.isThrottling(error)) {
      result.complete(
          new Cancelled(Collections.nCopies(actions.size(), CancellationReason.of(error))));
    } else {
      fail(error);
    }
  }

  private void fail(ApiError error) {
    result.completeExceptionally(new ApiException(error));
  }

  private interface Step<T> {
    void run(T answer);
  }

  /** The next step; what goes wrong in it ends the transaction for the caller. */
  private <T> void then(CompletableFuture<T> answer, Step<T> step) {
    var _ =
        answer.whenComplete(
            (value, failure) -> {
              try {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else {
                  step.run(value);
                }
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
  }
}
