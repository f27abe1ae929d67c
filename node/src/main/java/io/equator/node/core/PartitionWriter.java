package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.error.ApiError;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.ConditionFailed;
import io.equator.proto.Effect;
import io.equator.proto.ItemWrite;
import io.equator.proto.Redirect;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.ReplicatedLog;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the writes of one partition through latch, decision, log and answer.
 *
 * <pre>
 *   admitted ─▶ latch of the key ─▶ decided in term t ─▶ entry of term t ─▶ applied ─▶ latch released ─▶ answered
 *      │            (FIFO)              │                     │
 *      └ OVERLOADED                     ├ refused: latch released, leadership confirmed, answered
 *                                       └ not leader, fenced          └ not leader, overloaded, unknown: latch released, redirected
 * </pre>
 *
 * <p>Why it is right: while a key's latch is held nobody else writes the key in this term, so what
 * was read is what the effect replaces; an entry counts only in the term in which it was decided,
 * so nothing is decided from what a former term saw; a refusal is answered only when the same
 * leader is confirmed after it read, so its state was the newest when it read.
 *
 * <p>Threads: any; nothing blocks but reads of the store. A write is carried on by the thread that
 * hands it its latch: the caller's, or the one that applies the log.
 */
public final class PartitionWriter {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);

  /**
   * A first attempt that took this long to arrive is looked up too: a retry may have overtaken it.
   */
  private static final long LATE_MILLIS = 1_000;

  private final ReplicatedLog log;
  private final PartitionMachine machine;
  private final Decider decider;
  private final GroupCommit commit;
  private final WriteLimits limits;
  private final LongSupplier wallMillis;
  private final Latches<PendingWrite> latches = new Latches<>();
  private final AtomicInteger pendingWrites = new AtomicInteger();
  private final AtomicLong pendingBytes = new AtomicLong();
  private final WriteCall.Completion completion = this::complete;

  /**
   * @param region this region's number
   * @param wallMillis milliseconds since the epoch
   */
  public PartitionWriter(
      ReplicatedLog log,
      PartitionMachine machine,
      StoreView state,
      HybridClock clock,
      int region,
      LongSupplier wallMillis,
      WriteLimits limits) {
    this.log = log;
    this.machine = machine;
    this.decider = new Decider(state, clock, region);
    this.limits = limits;
    this.wallMillis = wallMillis;
    this.commit =
        new GroupCommit(
            log,
            machine.descriptor().epoch(),
            () -> Math.max(machine.leaderMillis(), wallMillis.getAsLong()),
            limits);
  }

  /**
   * Makes the writes of a request, each decided on its own.
   *
   * @param tables the table of each write, in order
   * @param answer called once, on any thread; must be short
   */
  public void write(WriteRequest request, List<TableView> tables, Consumer<WriteResponse> answer) {
    int count = request.getWritesCount();
    int bytes = request.getSerializedSize();
    boolean tooMany = pendingWrites.addAndGet(count) > limits.pendingWritesMax();
    if (pendingBytes.addAndGet(bytes) > limits.pendingBytesMax() || tooMany) {
      release(count, bytes);
      answer.accept(
          WriteResponse.newBuilder()
              .setRedirect(Redirects.of(Redirect.Reason.OVERLOADED, "too many writes are pending"))
              .build());
      return;
    }
    WriteCall call =
        new WriteCall(
            request,
            response -> {
              release(count, bytes);
              answer.accept(response);
            },
            completion);
    for (int i = 0; i < count; i++) {
      ItemWrite write = request.getWrites(i);
      byte[] row = StoreKeys.item(tables.get(i).id(), write.getKey());
      PendingWrite pending = new PendingWrite(call, i, tables.get(i), write, new RowKey(row));
      if (latches.acquire(pending.key, pending)) {
        carryOn(pending);
      }
    }
  }

  /**
   * Puts an effect into the log that is no write of an item.
   *
   * @return true when it is applied, false when not or when nobody knows; it may be tried again
   */
  public CompletableFuture<Boolean> submit(Effect effect) {
    if (!(log.leadership() instanceof Leadership.Leader(long term, boolean ready)) || !ready) {
      return CompletableFuture.completedFuture(false);
    }
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    commit.add(
        new EntryMember(term, effect, 0, 0, ByteString.EMPTY) {
          @Override
          void applied(long index) {
            done.complete(true);
          }

          @Override
          void redirected(Redirect redirect) {
            done.complete(false);
          }
        });
    return done;
  }

  /** Writes admitted and not answered. */
  public int pendingWrites() {
    return pendingWrites.get();
  }

  /** Keys that a write holds. */
  int latchesHeld() {
    return latches.size();
  }

  private void release(int count, int bytes) {
    pendingWrites.addAndGet(-count);
    pendingBytes.addAndGet(-bytes);
  }

  private static final class PendingWrite {
    private final WriteCall call;
    private final int position;
    private final TableView table;
    private final ItemWrite write;
    private final RowKey key;

    PendingWrite(WriteCall call, int position, TableView table, ItemWrite write, RowKey key) {
      this.call = call;
      this.position = position;
      this.table = table;
      this.write = write;
      this.key = key;
    }

    /** A write's own id: that of the request, moved on by its place in it. */
    long idLow() {
      return call.request().getRequestIdLow() + position;
    }
  }

  /**
   * Decides a write that holds its latch, and the ones behind it as long as they are over at once.
   */
  private void carryOn(PendingWrite first) {
    PendingWrite pending = first;
    while (pending != null && !decide(pending)) {
      pending = latches.release(pending.key);
    }
  }

  /** True when the write has gone into the log and keeps its latch; false when it is over. */
  private boolean decide(PendingWrite pending) {
    WriteCall call = pending.call;
    try {
      if (!(log.leadership() instanceof Leadership.Leader(long term, boolean ready)) || !ready) {
        call.redirected(Redirects.notLeader(leaderHint()));
        return false;
      }
      if (commit.fenced(term)) {
        call.redirected(
            Redirects.of(Redirect.Reason.UNAVAILABLE, "the fate of an earlier entry is not known"));
        return false;
      }
      if (answeredBefore(pending)) {
        return false;
      }
      switch (decider.decide(pending.table, pending.write, pending.key.bytes())) {
        case Decision.Change change -> {
          commit.add(new WriteMember(pending, term, change));
          return true;
        }
        case Decision.Nothing(Written written) ->
            call.refused(pending.position, result(written), term);
        case Decision.ConditionFailed failed ->
            call.refused(pending.position, conditionFailed(pending.write, failed), term);
        case Decision.Refused(ApiError error) ->
            call.refused(pending.position, refused(error), term);
      }
      return false;
    } catch (RuntimeException e) {
      // Whatever went wrong, the latch must not stay shut.
      LOG.error("partition {} could not decide a write", machine.partition(), e);
      call.redirected(Redirects.of(Redirect.Reason.UNAVAILABLE, String.valueOf(e.getMessage())));
      return false;
    }
  }

  /** Settles a retry whose first attempt was made, or of which that cannot be known any more. */
  private boolean answeredBefore(PendingWrite pending) {
    WriteRequest request = pending.call.request();
    long sent = request.getFirstSentMillis();
    long age = sent == 0 ? 0 : wallMillis.getAsLong() - sent;
    if (request.getAttempt() == 0 && age < LATE_MILLIS) {
      return false;
    }
    if (request.getRequestIdHigh() == 0 && request.getRequestIdLow() == 0) {
      return false;
    }
    Optional<Written> written = machine.memory().find(request.getRequestIdHigh(), pending.idLow());
    if (written.isPresent()) {
      pending.call.made(pending.position, result(written.get()));
      return true;
    }
    if (age > RequestMemory.ANSWERED_MILLIS) {
      pending.call.redirected(
          Redirects.of(
              Redirect.Reason.INDETERMINATE, "the first attempt is too long ago to be remembered"));
      return true;
    }
    return false;
  }

  private final class WriteMember extends EntryMember {
    private final PendingWrite pending;
    private final Written written;

    WriteMember(PendingWrite pending, long term, Decision.Change change) {
      super(
          term,
          Effect.newBuilder().setItem(change.effect()).build(),
          pending.call.request().getRequestIdHigh(),
          pending.idLow(),
          change.written().toByteString());
      this.pending = pending;
      this.written = change.written();
    }

    @Override
    void applied(long index) {
      PendingWrite next = latches.release(pending.key);
      if (next != null) {
        carryOn(next);
      }
      pending.call.made(pending.position, result(written.toBuilder().setLogIndex(index).build()));
    }

    @Override
    void redirected(Redirect redirect) {
      PendingWrite next = latches.release(pending.key);
      if (next != null) {
        carryOn(next);
      }
      pending.call.redirected(redirect);
    }
  }

  /**
   * Everything that a call wrote has an outcome; what was refused is told only by a leader that
   * still is one.
   */
  private void complete(WriteCall call) {
    long term = call.termToConfirm();
    if (term == 0) {
      call.answer();
      return;
    }
    CompletableFuture<Boolean> confirmation = log.confirmLeadership();
    if (confirmation.isDone() && !confirmation.isCompletedExceptionally()) {
      confirmed(call, term, confirmation.join());
    } else {
      var _ = confirmation.whenComplete((held, _) -> confirmed(call, term, held));
    }
  }

  private void confirmed(WriteCall call, long term, @Nullable Boolean held) {
    if (Boolean.TRUE.equals(held)
        && log.leadership() instanceof Leadership.Leader(long now, _)
        && now == term) {
      call.answer();
    } else {
      call.answerElsewhere(Redirects.notLeader(leaderHint()));
    }
  }

  private Optional<io.equator.partitioner.NodeId> leaderHint() {
    return log.leadership() instanceof Leadership.Follower(_, var leader)
        ? leader
        : Optional.empty();
  }

  private static WriteResult result(Written written) {
    return WriteResult.newBuilder().setWritten(written).build();
  }

  private static WriteResult conditionFailed(ItemWrite write, Decision.ConditionFailed failed) {
    ConditionFailed.Builder told = ConditionFailed.newBuilder();
    if (failed.old() != null) {
      told.setSize(failed.old().sizeBytes());
      if (write.getReturnOldOnConditionFailure()) {
        told.setItem(failed.old().toByteString());
      }
    }
    return WriteResult.newBuilder().setConditionFailed(told).build();
  }

  private static WriteResult refused(ApiError error) {
    ApiErrorMessage.Builder told = ApiErrorMessage.newBuilder().setCode(error.code().code());
    if (error.message() != null) {
      told.setMessage(error.message());
    }
    return WriteResult.newBuilder().setRefused(told).build();
  }
}
