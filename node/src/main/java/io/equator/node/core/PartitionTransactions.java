package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.node.core.TransactionDecider.Decided;
import io.equator.node.core.TransactionState.Held;
import io.equator.proto.Effect;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResponse;
import io.equator.proto.FinishResults;
import io.equator.proto.FinishTransaction;
import io.equator.proto.FinishedTransaction;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.proto.PrepareResults;
import io.equator.proto.PrepareResults.Vote;
import io.equator.proto.Redirect;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.ReplicatedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's side of transactions in one partition.
 *
 * <pre>
 *   Prepare:       latches of all keys ─▶ decided ─▶ locks in the log ─▶ applied ─▶ latches released ─▶ ACCEPTED
 *   TransactWrite: latches of all keys ─▶ decided ─▶ writes in the log ─▶ applied ─▶ …
 *                                            └ refused: nothing is written, leadership confirmed, REFUSED with reasons
 *   Finish:        end in the log ─▶ applied ─▶ those who waited for the items go on
 * </pre>
 *
 * <p><b>No waiting for locks.</b> An item that another transaction holds is a conflict at once: two
 * transactions that waited for one another would wait for ever. Latches are waited for; they are
 * held for one round of the log, and taken in one order.
 *
 * <p><b>Why it is serializable:</b> a transaction holds all its items, in every partition, before
 * it lets go of the first; so in any two that share an item, one has ended before the other began.
 * Timestamps do not decide anything here. The commit's is greater than the version of every item
 * that it meets, because each participant names the smallest that will do and the coordinator takes
 * the greatest of them; no transaction is ever refused for its clock.
 *
 * <p>Threads: any, as in {@link PartitionWriter}.
 */
public final class PartitionTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionTransactions.class);

  /** Bytes of a transaction that is written in one entry. */
  private static final int WRITE_BYTES_MAX = 2 << 20;

  private final PartitionWriter writer;
  private final ReplicatedLog log;
  private final PartitionMachine machine;
  private final TransactionState state;
  private final TransactionDecider decider;
  private final GroupCommit commit;
  private final Latches<LatchWaiter> latches;
  private final HybridClock clock;
  private final LongSupplier wallMillis;

  PartitionTransactions(
      PartitionWriter writer,
      ReplicatedLog log,
      PartitionMachine machine,
      Decider decider,
      GroupCommit commit,
      Latches<LatchWaiter> latches,
      HybridClock clock,
      LongSupplier wallMillis) {
    this.writer = writer;
    this.log = log;
    this.machine = machine;
    this.state = machine.transactions();
    this.decider = new TransactionDecider(decider, state);
    this.commit = commit;
    this.latches = latches;
    this.clock = clock;
    this.wallMillis = wallMillis;
  }

  /**
   * Locks the items of a transaction's part, or nothing.
   *
   * @param tables the table of each action, in order
   * @param answer called once, on any thread; must be short
   */
  public void prepare(
      PrepareRequest request, List<TableView> tables, Consumer<PrepareResponse> answer) {
    begin(request, tables, false, answer);
  }

  /** Makes a whole transaction of this partition, or nothing; like {@link #prepare}. */
  public void write(
      PrepareRequest request, List<TableView> tables, Consumer<PrepareResponse> answer) {
    begin(request, tables, true, answer);
  }

  /** Ends a transaction here. */
  public void finish(FinishRequest request, Consumer<FinishResponse> answer) {
    Leader leader = leader();
    if (leader.redirect() != null) {
      answer.accept(FinishResponse.newBuilder().setRedirect(leader.redirect()).build());
      return;
    }
    TransactionId id = TransactionId.of(request.getTransactionId());
    FinishedTransaction end = state.finished(id);
    if (end != null) {
      // What has been applied stays true, whoever leads by now.
      answer.accept(finished(end));
      return;
    }
    List<RowKey> keys = state.keysOf(id);
    if (request.getCommit() && keys.isEmpty()) {
      alarm(request);
    }
    Effect effect =
        Effect.newBuilder()
            .setFinishTransaction(
                FinishTransaction.newBuilder()
                    .setTransactionId(request.getTransactionId())
                    .setCommit(request.getCommit())
                    .setTimestamp(request.getTimestamp()))
            .build();
    commit.add(
        new EntryMember(leader.term(), effect, 0, 0, ByteString.EMPTY) {
          @Override
          void applied(long index) {
            keys.forEach(writer::unlocked);
            FinishedTransaction now = state.finished(id);
            answer.accept(
                now != null
                    ? finished(now)
                    : finished(
                        FinishedTransaction.newBuilder()
                            .setCommitted(request.getCommit())
                            .build()));
          }

          @Override
          void redirected(Redirect redirect) {
            answer.accept(FinishResponse.newBuilder().setRedirect(redirect).build());
          }
        });
  }

  /** Locks may only be missing when the transaction ended so long ago that it is forgotten. */
  private void alarm(FinishRequest request) {
    long age = wallMillis.getAsLong() - HybridTimestamp.millisOf(request.getTimestamp());
    if (age < TransactionState.KEPT_MILLIS / 2) {
      LOG.error(
          "partition {}: a transaction that is {} ms old commits, but holds nothing here",
          machine.partition(),
          age);
    }
  }

  private static FinishResponse finished(FinishedTransaction end) {
    return FinishResponse.newBuilder()
        .setResults(FinishResults.newBuilder().setCommitted(end.getCommitted()))
        .build();
  }

  /** The transactions that have held items here since this time or longer, this replica leading. */
  public void locksOlderThan(long millis, LocksVisitor visitor) {
    state.olderThan(
        millis,
        (row, lock) ->
            visitor.visit(
                lock.transaction().toByteString(), lock.ledgerKey(), StoreKeys.token(row)));
  }

  /** Takes transactions that hold items. */
  public interface LocksVisitor {
    /** {@code token} is one of an item that it holds. */
    void visit(ByteString transactionId, ByteString ledgerKey, long token);
  }

  // ---- prepare and write
  // --------------------------------------------------------------------------

  private void begin(
      PrepareRequest request,
      List<TableView> tables,
      boolean whole,
      Consumer<PrepareResponse> answer) {
    int count = request.getActionsCount();
    int bytes = request.getSerializedSize() + 256 * count;
    if (!writer.admit(count, bytes)) {
      answer.accept(
          redirect(Redirects.of(Redirect.Reason.OVERLOADED, "too many writes are pending")));
      return;
    }
    TransactionCall call =
        new TransactionCall(
            this,
            latches,
            request,
            tables,
            whole,
            response -> {
              writer.release(count, bytes);
              answer.accept(response);
            });
    if (call.repeatsKey()) {
      call.answer(
          redirect(
              Redirects.of(Redirect.Reason.REASON_UNSPECIFIED, "an item is named by two actions")));
      return;
    }
    Leader leader = leader();
    if (leader.redirect() != null) {
      call.answer(redirect(leader.redirect()));
    } else if (!settledBefore(call) && !conflictsNow(call, leader.term())) {
      call.start();
    }
  }

  private record Leader(long term, @Nullable Redirect redirect) {}

  private Leader leader() {
    if (!(log.leadership() instanceof Leadership.Leader(long term, boolean ready)) || !ready) {
      return new Leader(
          0,
          Redirects.notLeader(
              log.leadership() instanceof Leadership.Follower(_, var leader)
                  ? leader
                  : java.util.Optional.empty()));
    }
    if (machine.sealed() != null) {
      return new Leader(
          0, Redirects.of(Redirect.Reason.WRONG_PARTITION, "the partition has been split"));
    }
    if (commit.fenced(term)) {
      return new Leader(
          0,
          Redirects.of(Redirect.Reason.UNAVAILABLE, "the fate of an earlier entry is not known"));
    }
    return new Leader(term, null);
  }

  /** Answers what is over, or comes too late to begin. */
  private boolean settledBefore(TransactionCall call) {
    FinishedTransaction end = state.finished(call.id);
    if (end != null) {
      call.answer(endedBefore(call, end));
      return true;
    }
    HybridTimestamp begun = new HybridTimestamp(call.request.getTimestamp());
    long now = Math.max(machine.leaderMillis(), wallMillis.getAsLong());
    if (now - begun.millis() > TransactionState.PREPARE_AGE_MAX_MILLIS || !clock.observe(begun)) {
      call.answer(vote(PrepareResults.newBuilder().setVote(Vote.OUT_OF_TIME)));
      return true;
    }
    return false;
  }

  private static PrepareResponse endedBefore(TransactionCall call, FinishedTransaction end) {
    PrepareResults.Builder results = PrepareResults.newBuilder();
    if (!end.getCommitted()) {
      return vote(results.setVote(Vote.CANCELLED_BEFORE));
    }
    if (call.whole && end.getOutcomesCount() == call.request.getActionsCount()) {
      results.setVote(Vote.ACCEPTED);
      for (ByteString outcome : end.getOutcomesList()) {
        results.addActions(TransactionDecider.written(outcome));
      }
      return vote(results);
    }
    return vote(results.setVote(Vote.COMMITTED_BEFORE));
  }

  /**
   * Answers at once when another transaction holds one of the items: it would be so later, too. No
   * latch is held, so the items may be let go while this looks; then nothing is in the way any
   * more, and the call goes on as if nothing had been.
   */
  private boolean conflictsNow(TransactionCall call, long term) {
    if (!state.anyLocked() || !heldByOthers(call)) {
      return false;
    }
    Decided decided;
    try {
      decided = decider.decide(call, 0);
    } catch (RuntimeException e) {
      call.answer(failed(e));
      return true;
    }
    if (decided.results.getVote() != Vote.REFUSED) {
      return false;
    }
    refuse(call, term, decided.results);
    return true;
  }

  private boolean heldByOthers(TransactionCall call) {
    for (RowKey key : call.keys) {
      Held holder = state.holder(key);
      if (holder != null && !holder.transaction().equals(call.id)) {
        return true;
      }
    }
    return false;
  }

  /** All latches are held. */
  void decide(TransactionCall call) {
    try {
      Leader leader = leader();
      if (leader.redirect() != null) {
        call.release(writer);
        call.answer(redirect(leader.redirect()));
        return;
      }
      if (state.finished(call.id) != null) {
        call.release(writer);
        settledBefore(call);
        return;
      }
      // Asked first: an item that is let go in between has a newer version than the floor knows.
      boolean held = state.anyLocked() && heldByOthers(call);
      Decided decided = decider.decide(call, held ? 0 : clock.after(decider.floor(call)));
      if (held && decided.results.getVote() != Vote.REFUSED) {
        decided = decider.decide(call, clock.after(decider.floor(call)));
      }
      if (decided.results.getVote() == Vote.REFUSED) {
        call.release(writer);
        refuse(call, leader.term(), decided.results);
      } else if (call.whole) {
        submitWrite(call, leader.term(), decided);
      } else {
        submitLocks(call, leader.term(), decided);
      }
    } catch (RuntimeException e) {
      // Whatever went wrong, the latches must not stay shut.
      LOG.error("partition {} could not decide a transaction", machine.partition(), e);
      call.release(writer);
      call.answer(failed(e));
    }
  }

  private void submitWrite(TransactionCall call, long term, Decided decided) {
    if (decided.bytes > WRITE_BYTES_MAX) {
      call.release(writer);
      call.answer(vote(PrepareResults.newBuilder().setVote(Vote.TOO_LARGE)));
      return;
    }
    submit(call, term, decided, List.of(TransactionEffects.write(call, decided)));
  }

  private void submitLocks(TransactionCall call, long term, Decided decided) {
    List<Effect> effects =
        TransactionEffects.locks(
            call, decided, state, Math.max(machine.leaderMillis(), wallMillis.getAsLong()));
    if (effects.isEmpty()) {
      call.release(writer);
      call.answer(vote(decided.results));
      return;
    }
    submit(call, term, decided, effects);
  }

  /** The log may take some of the effects and not the others: then the request comes again. */
  private void submit(TransactionCall call, long term, Decided decided, List<Effect> effects) {
    AtomicInteger open = new AtomicInteger(effects.size());
    List<Redirect> redirects = new ArrayList<>();
    List<EntryMember> members = new ArrayList<>();
    for (Effect effect : effects) {
      members.add(
          new EntryMember(term, effect, 0, 0, ByteString.EMPTY) {
            @Override
            void applied(long index) {
              over();
            }

            @Override
            void redirected(Redirect redirect) {
              synchronized (redirects) {
                redirects.add(redirect);
              }
              over();
            }

            private void over() {
              if (open.decrementAndGet() == 0) {
                settled(call, decided, redirects, effects.size() > 1);
              }
            }
          });
    }
    commit.add(members);
  }

  private void settled(
      TransactionCall call, Decided decided, List<Redirect> redirects, boolean several) {
    call.release(writer);
    FinishedTransaction end = state.finished(call.id);
    if (!redirects.isEmpty()) {
      call.answer(
          redirect(
              several
                  ? Redirects.of(Redirect.Reason.INDETERMINATE, "locked in part")
                  : redirects.getFirst()));
    } else if (end != null && (!call.whole || !end.getCommitted())) {
      // Its end has overtaken it, and it has changed nothing.
      call.answer(endedBefore(call, end));
    } else {
      call.answer(vote(decided.results));
    }
  }

  /**
   * A refusal is told only by a leader that still is one. That of a whole transaction which was
   * sent before is also remembered: the earlier message may still come, and must not find that the
   * reason is gone. (A prepare needs no such care; its cancel is remembered.)
   */
  private void refuse(TransactionCall call, long term, PrepareResults.Builder results) {
    if (call.whole && call.request.getAttempt() > 0) {
      remember(call, term, results);
      return;
    }
    CompletableFuture<Boolean> confirmation = log.confirmLeadership();
    var _ =
        confirmation.whenComplete(
            (held, _) -> {
              boolean same =
                  log.leadership() instanceof Leadership.Leader(long now, _) && now == term;
              call.answer(
                  Boolean.TRUE.equals(held) && same
                      ? vote(results)
                      : redirect(Redirects.notLeader(java.util.Optional.empty())));
            });
  }

  private void remember(TransactionCall call, long term, PrepareResults.Builder results) {
    Effect cancel =
        Effect.newBuilder()
            .setFinishTransaction(
                FinishTransaction.newBuilder().setTransactionId(call.request.getTransactionId()))
            .build();
    commit.add(
        new EntryMember(term, cancel, 0, 0, ByteString.EMPTY) {
          @Override
          void applied(long index) {
            FinishedTransaction end = state.finished(call.id);
            call.answer(end != null && end.getCommitted() ? endedBefore(call, end) : vote(results));
          }

          @Override
          void redirected(Redirect redirect) {
            call.answer(PartitionTransactions.redirect(redirect));
          }
        });
  }

  private static PrepareResponse vote(PrepareResults.Builder results) {
    return PrepareResponse.newBuilder().setResults(results).build();
  }

  private static PrepareResponse redirect(Redirect to) {
    return PrepareResponse.newBuilder().setRedirect(to).build();
  }

  private static PrepareResponse failed(RuntimeException e) {
    return redirect(Redirects.of(Redirect.Reason.UNAVAILABLE, String.valueOf(e.getMessage())));
  }
}
