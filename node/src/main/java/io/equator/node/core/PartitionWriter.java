package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.proto.Effect;
import io.equator.proto.ItemEffect;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
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
  private final Latches<LatchWaiter> latches = new Latches<>();
  private final PartitionTransactions transactions;
  private final LockWaits waits;

  /** Writes that hold their latch and wait for a transaction to let go of the item. */
  private final ConcurrentHashMap<RowKey, PendingWrite> parked = new ConcurrentHashMap<>();

  private final ConcurrentLinkedQueue<LatchWaiter> ready = new ConcurrentLinkedQueue<>();
  private final AtomicInteger toResume = new AtomicInteger();
  private final AtomicInteger pendingWrites = new AtomicInteger();
  private final LongAdder writesAsked = new LongAdder();
  private final AtomicLong pendingBytes = new AtomicLong();
  private final WriteCall.Completion completion = this::complete;

  /**
   * A writer whose writes do not wait for transactions.
   *
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
    this(log, machine, state, clock, () -> region, wallMillis, limits, LockWaits.NONE);
  }

  /**
   * A writer whose global indexes take everything.
   *
   * @param region this region's number
   * @param wallMillis milliseconds since the epoch
   * @param waits ends the waiting of a write for the transaction that holds its item
   */
  public PartitionWriter(
      ReplicatedLog log,
      PartitionMachine machine,
      StoreView state,
      HybridClock clock,
      IntSupplier region,
      LongSupplier wallMillis,
      WriteLimits limits,
      LockWaits waits) {
    this(log, machine, state, clock, region, wallMillis, limits, waits, IndexPressure.NONE);
  }

  /**
   * A writer.
   *
   * @param region this region's number
   * @param wallMillis milliseconds since the epoch
   * @param waits ends the waiting of a write for the transaction that holds its item
   * @param pressure which global indexes cannot take more
   */
  public PartitionWriter(
      ReplicatedLog log,
      PartitionMachine machine,
      StoreView state,
      HybridClock clock,
      IntSupplier region,
      LongSupplier wallMillis,
      WriteLimits limits,
      LockWaits waits,
      IndexPressure pressure) {
    this.log = log;
    this.machine = machine;
    this.decider =
        new Decider(
            state,
            clock,
            region,
            machine.transactions(),
            table -> machine.closed(table.id()).timestamp(),
            table -> machine.tombstonesDroppedUpTo(table.id()),
            (table, index, exhausted) ->
                pressure.refusal(machine.partition(), table, index, exhausted));
    this.limits = limits;
    this.waits = waits;
    this.wallMillis = wallMillis;
    this.commit =
        new GroupCommit(
            log,
            machine.descriptor().epoch(),
            () -> Math.max(machine.leaderMillis(), wallMillis.getAsLong()),
            machine::lastSequence,
            limits);
    this.transactions =
        new PartitionTransactions(this, log, machine, decider, commit, latches, clock, wallMillis);
  }

  /** The transactions of this partition. */
  public PartitionTransactions transactions() {
    return transactions;
  }

  /**
   * Makes the writes of a request, each decided on its own.
   *
   * @param tables the table of each write, in order
   * @param answer called once, on any thread; must be short
   */
  public void write(WriteRequest request, List<TableView> tables, Consumer<WriteResponse> answer) {
    int count = request.getWritesCount();
    writesAsked.add(count);
    int bytes = weight(request);
    if (!admit(count, bytes)) {
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
    List<EntryMember> decided = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ItemWrite write = request.getWrites(i);
      byte[] row = StoreKeys.item(tables.get(i).id(), write.getKey());
      PendingWrite pending = new PendingWrite(call, i, tables.get(i), write, new RowKey(row));
      if (latches.acquire(pending.key, pending)) {
        EntryMember member = carryOn(pending);
        if (member != null) {
          decided.add(member);
        }
      }
    }
    if (!decided.isEmpty()) {
      commit.add(decided);
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

  /** Writes that were asked for since the start, whatever became of them. */
  public long writesAsked() {
    return writesAsked.sum();
  }

  /** Entries of the log that are on their way. */
  public int entriesInFlight() {
    return commit.entriesInFlight();
  }

  /** Decided effects that wait for the next entry. */
  public int queuedEffects() {
    return commit.queued();
  }

  /** Writes admitted and not answered. */
  public int pendingWrites() {
    return pendingWrites.get();
  }

  /** Keys that a write holds. */
  int latchesHeld() {
    return latches.size();
  }

  /** About the memory that a request holds while it is pending. */
  private static int weight(WriteRequest request) {
    int bytes = 0;
    for (int i = 0; i < request.getWritesCount(); i++) {
      ItemWrite write = request.getWrites(i);
      bytes += write.getPut().size() + write.getMerge().size() + 256;
    }
    return bytes;
  }

  /** Whether so many more writes may be pending; if so, they are to be {@link #release}d. */
  boolean admit(int count, int bytes) {
    boolean tooMany = pendingWrites.addAndGet(count) > limits.pendingWritesMax();
    if (pendingBytes.addAndGet(bytes) > limits.pendingBytesMax() || tooMany) {
      release(count, bytes);
      return false;
    }
    return true;
  }

  void release(int count, int bytes) {
    pendingWrites.addAndGet(-count);
    pendingBytes.addAndGet(-bytes);
  }

  static final class PendingWrite implements LatchWaiter {
    private final WriteCall call;
    private final int position;
    private final TableView table;
    private final ItemWrite write;
    private final RowKey key;
    private boolean hasWaited;

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
   *
   * @return what must go into the log, with the latch; null when nobody holds it any more
   */
  private @Nullable WriteMember carryOn(PendingWrite first) {
    PendingWrite pending = first;
    while (true) {
      if (waitsForTransaction(pending)) {
        return null;
      }
      WriteMember member = decide(pending);
      if (member != null) {
        return member;
      }
      switch (latches.release(pending.key)) {
        case null -> {
          return null;
        }
        case PendingWrite next -> pending = next;
        case LatchWaiter other -> {
          resume(other);
          return null;
        }
      }
    }
  }

  /**
   * Goes on with somebody who has been handed a latch. Those who come of it are queued and not
   * called, so that a long queue of waiters needs no deep stack.
   */
  void resume(@Nullable LatchWaiter holder) {
    if (holder == null) {
      return;
    }
    ready.add(holder);
    if (toResume.getAndIncrement() > 0) {
      return;
    }
    do {
      resumeNext();
    } while (toResume.decrementAndGet() > 0);
  }

  private void resumeNext() {
    try {
      switch (Invariant.present(ready.poll(), "somebody was counted who is not queued")) {
        case PendingWrite write -> {
          WriteMember member = carryOn(write);
          if (member != null) {
            commit.add(member);
          }
        }
        case TransactionCall call -> call.granted();
      }
    } catch (RuntimeException e) {
      // One that goes wrong must not keep the others from their latches.
      LOG.error("partition {} could not go on with a write", machine.partition(), e);
    }
  }

  /** Whether a write now waits, with its latch, for the transaction that holds its item. */
  private boolean waitsForTransaction(PendingWrite pending) {
    if (!machine.transactions().anyLocked()
        || pending.hasWaited
        || machine.transactions().holder(pending.key) == null
        || !(log.leadership() instanceof Leadership.Leader)) {
      return false;
    }
    pending.hasWaited = true;
    parked.put(pending.key, pending);
    waits.after(() -> unpark(pending.key, pending));
    // The transaction may have let go before the write could be seen waiting.
    return machine.transactions().holder(pending.key) != null
        || !parked.remove(pending.key, pending);
  }

  private void unpark(RowKey key, PendingWrite pending) {
    if (parked.remove(key, pending)) {
      resume(pending);
    }
  }

  /** A transaction has let go of an item. */
  void unlocked(RowKey key) {
    PendingWrite waiting = parked.remove(key);
    if (waiting != null) {
      resume(waiting);
    }
  }

  /** Decides from the applied state; null when the write is over. */
  private @Nullable WriteMember decide(PendingWrite pending) {
    WriteCall call = pending.call;
    try {
      if (!(log.leadership() instanceof Leadership.Leader(long term, boolean ready)) || !ready) {
        call.redirected(Redirects.notLeader(leaderHint()));
        return null;
      }
      if (machine.sealed() != null) {
        call.redirected(
            Redirects.of(Redirect.Reason.WRONG_PARTITION, "the partition has been split"));
        return null;
      }
      if (commit.fenced(term)) {
        call.redirected(
            Redirects.of(Redirect.Reason.UNAVAILABLE, "the fate of an earlier entry is not known"));
        return null;
      }
      if (mayHaveBeenMade(pending) && answeredBefore(pending)) {
        return null;
      }
      if (machine.transactions().holder(pending.key) != null) {
        call.refused(pending.position, Answers.CONFLICT, term);
        return null;
      }
      TableView table = pending.table;
      if (table.reference().getSchemaVersion() < machine.schemaFloor(table.id())) {
        call.redirected(
            Redirects.of(Redirect.Reason.STALE_SCHEMA, "the change log needs a newer schema"));
        return null;
      }
      StoredValue before = decider.stored(table, pending.key.bytes());
      Decision decision = decider.decide(pending.table, pending.write, pending.key.bytes(), before);
      if (decision instanceof Decision.Change change) {
        return new WriteMember(pending, term, change);
      }
      call.refused(pending.position, Answers.unchanged(pending.write, decision), term);
      return null;
    } catch (RuntimeException e) {
      // Whatever went wrong, the latch must not stay shut.
      LOG.error("partition {} could not decide a write", machine.partition(), e);
      call.redirected(Redirects.of(Redirect.Reason.UNAVAILABLE, String.valueOf(e.getMessage())));
      return null;
    }
  }

  /** A retry, or a first attempt so late that a retry may have overtaken it. */
  private boolean mayHaveBeenMade(PendingWrite pending) {
    WriteRequest request = pending.call.request();
    return (request.getAttempt() > 0 || age(request) >= LATE_MILLIS)
        && (request.getRequestIdHigh() != 0 || request.getRequestIdLow() != 0);
  }

  private long age(WriteRequest request) {
    long sent = request.getFirstSentMillis();
    return sent == 0 ? 0 : wallMillis.getAsLong() - sent;
  }

  /** Settles a retry whose first attempt was made, or of which that cannot be known any more. */
  private boolean answeredBefore(PendingWrite pending) {
    WriteRequest request = pending.call.request();
    Optional<Written> written = machine.memory().find(request.getRequestIdHigh(), pending.idLow());
    if (written.isPresent()) {
      pending.call.made(pending.position, Answers.written(written.get()));
      return true;
    }
    if (age(request) > RequestMemory.ANSWERED_MILLIS
        || request.getFirstSentMillis() < machine.rememberedFromMillis()) {
      pending.call.redirected(
          Redirects.of(
              Redirect.Reason.INDETERMINATE, "the first attempt is too long ago to be remembered"));
      return true;
    }
    return false;
  }

  /** A decided write that holds its key's latch, or shares it with the others of its chain. */
  private final class WriteMember extends EntryMember {
    private final PendingWrite pending;
    private final @Nullable StoredValue after;
    private final @Nullable Written written;
    private final @Nullable WriteResult unchanged;
    private boolean followed;

    /** A write that changes its item. */
    WriteMember(PendingWrite pending, long term, Decision.Change change) {
      super(
          term,
          Effect.newBuilder().setItem(change.effect()).build(),
          pending.call.request().getRequestIdHigh(),
          pending.idLow(),
          change.written().toByteString());
      this.pending = pending;
      this.after = after(change.effect());
      this.written = change.written();
      this.unchanged = null;
    }

    private static @Nullable StoredValue after(ItemEffect effect) {
      if (effect.hasValue()) {
        return StoredValue.read(effect.getValue());
      }
      return effect.hasTombstone() ? StoredValue.read(effect.getTombstone()) : null;
    }

    /** A write that changes nothing, decided on top of one that is not applied yet. */
    WriteMember(
        PendingWrite pending, long term, @Nullable StoredValue after, WriteResult unchanged) {
      super(term, null, 0, 0, ByteString.EMPTY);
      this.pending = pending;
      this.after = after;
      this.written = null;
      this.unchanged = unchanged;
    }

    @Override
    @Nullable EntryMember follower() {
      if (!(log.leadership() instanceof Leadership.Leader(long term, _)) || term != decidedTerm()) {
        return null;
      }
      // A retry waits: its first attempt may stand in this very entry.
      LatchWaiter next =
          latches.join(
              pending.key,
              waiting -> waiting instanceof PendingWrite write && !mayHaveBeenMade(write));
      if (!(next instanceof PendingWrite write)) {
        return null;
      }
      followed = true;
      return decideOnTop(write);
    }

    private WriteMember decideOnTop(PendingWrite next) {
      try {
        Decision decision = decider.decide(next.table, next.write, next.key.bytes(), after);
        return decision instanceof Decision.Change change
            ? new WriteMember(next, decidedTerm(), change)
            : new WriteMember(next, decidedTerm(), after, Answers.unchanged(next.write, decision));
      } catch (RuntimeException e) {
        LOG.error("partition {} could not decide a write", machine.partition(), e);
        return new WriteMember(next, decidedTerm(), after, Answers.failed(e));
      }
    }

    @Override
    void applied(long index) {
      release();
      if (written != null) {
        pending.call.made(
            pending.position, Answers.written(written.toBuilder().setLogIndex(index).build()));
      } else if (unchanged != null) {
        pending.call.refused(pending.position, unchanged, decidedTerm());
      }
    }

    @Override
    void redirected(Redirect redirect) {
      release();
      pending.call.redirected(redirect);
    }

    /** The last of a chain gives the latch up, to whoever has come since. */
    private void release() {
      if (followed) {
        return;
      }
      resume(latches.release(pending.key));
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
}
