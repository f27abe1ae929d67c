package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.proto.Barrier;
import io.equator.proto.Effect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.Redirect;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gathers decided effects into entries: while few entries are in flight the next one fills.
 *
 * <p>An entry costs the log much whatever it holds, bytes cost it little (measured: one effect in
 * an entry gives 1,000 effects a second over three replicas, 64 give 20,000), so the time that
 * entries are in flight is the gathering time, and no timer is needed: a lone write leaves at once.
 *
 * <p><b>The fence.</b> When the fate of an entry is not known while the term goes on, it may still
 * be applied later, and a decision made from the state in between would be made from a state that
 * is about to change. So from then on nothing may be decided in that term ({@link #fenced}) until
 * an entry with a greater sequence is applied: by the order guard the unknown one is then either
 * applied or dead. A barrier is proposed for that. Another term ends the fence too: its leader is
 * ready only when it has applied everything before.
 *
 * <p><b>Followers.</b> A hot key would allow one write for each round of the log. So when an entry
 * is made up, writes that wait behind one of its keys are decided on top of the effect that stands
 * in it already, and join the same entry: it is applied whole or not at all, so what they were
 * decided on is certain to be there.
 *
 * <p>Threads: any. The monitor guards the queue and the counts and is never held while the log is
 * called; {@code sending} keeps proposals in the order of their sequence.
 */
final class GroupCommit {
  private final ReplicatedLog log;
  private final long epoch;
  private final LongSupplier leaderMillis;
  private final LongUnaryOperator lastSequence;
  private final WriteLimits limits;

  private final ArrayDeque<EntryMember> queue = new ArrayDeque<>();
  private int entriesInFlight;
  private boolean sending;
  private long sequenceTerm;
  private long sequence;
  private long lastMillis;
  private boolean barrierOnItsWay;
  private volatile long fencedTerm;
  private volatile long fencedSequence;

  /**
   * @param lastSequence the sequence of the last entry of a term that is applied; 0 when none is
   */
  GroupCommit(
      ReplicatedLog log,
      long epoch,
      LongSupplier leaderMillis,
      LongUnaryOperator lastSequence,
      WriteLimits limits) {
    this.log = log;
    this.epoch = epoch;
    this.leaderMillis = leaderMillis;
    this.lastSequence = lastSequence;
    this.limits = limits;
  }

  private record Entry(long term, long sequence, ByteString bytes, List<EntryMember> members) {}

  /** Queues an effect; it leaves with the next entry. */
  void add(EntryMember member) {
    synchronized (this) {
      queue.add(member);
    }
    pump();
  }

  /** Queues effects that may leave together. */
  void add(List<EntryMember> members) {
    synchronized (this) {
      queue.addAll(members);
    }
    pump();
  }

  /** Entries proposed whose outcome is not known. */
  synchronized int entriesInFlight() {
    return entriesInFlight;
  }

  /** Effects that wait for the next entry. */
  synchronized int queued() {
    return queue.size();
  }

  /** True while nothing may be decided in {@code term}; sees to it that this ends. */
  boolean fenced(long term) {
    if (fencedTerm != term) {
      return false;
    }
    proposeBarrier(term);
    return true;
  }

  private void proposeBarrier(long term) {
    synchronized (this) {
      if (barrierOnItsWay) {
        return;
      }
      barrierOnItsWay = true;
    }
    add(new BarrierMember(term));
  }

  private final class BarrierMember extends EntryMember {
    BarrierMember(long term) {
      super(
          term,
          Effect.newBuilder().setBarrier(Barrier.getDefaultInstance()).build(),
          0,
          0,
          ByteString.EMPTY);
    }

    @Override
    void applied(long index) {
      over();
    }

    @Override
    void redirected(Redirect redirect) {
      over();
    }

    private void over() {
      synchronized (GroupCommit.this) {
        barrierOnItsWay = false;
      }
    }
  }

  private void pump() {
    while (true) {
      List<EntryMember> members;
      synchronized (this) {
        if (sending || entriesInFlight >= limits.entriesInFlightMax() || queue.isEmpty()) {
          return;
        }
        sending = true;
        entriesInFlight++;
        members = take();
      }
      try {
        addFollowers(members);
        propose(close(members));
      } finally {
        synchronized (this) {
          sending = false;
        }
      }
    }
  }

  private void propose(Entry entry) {
    CompletableFuture<Proposal> proposed;
    try {
      proposed = log.propose(entry.term(), entry.bytes());
    } catch (RuntimeException e) {
      done(entry, null, e);
      return;
    }
    var _ = proposed.whenComplete((proposal, failure) -> done(entry, proposal, failure));
  }

  /** The members of the next entry: of one term, up to the limits, at least one. */
  private List<EntryMember> take() {
    EntryMember first = Invariant.present(queue.poll(), "an entry is taken from an empty queue");
    long term = first.decidedTerm();
    List<EntryMember> members = new ArrayList<>();
    members.add(first);
    int bytes = first.sizeBytes();
    while (members.size() < limits.entryEffectsMax()) {
      EntryMember next = queue.peek();
      if (next == null
          || next.decidedTerm() != term
          || bytes + next.sizeBytes() > limits.entryBytesMax()) {
        break;
      }
      queue.remove();
      members.add(next);
      bytes += next.sizeBytes();
    }
    return members;
  }

  /** Lets those join that were decided on top of a member; only the sender is here. */
  private void addFollowers(List<EntryMember> members) {
    int bytes = 0;
    for (EntryMember member : members) {
      bytes += member.sizeBytes();
    }
    int leaders = members.size();
    for (int i = 0; i < leaders; i++) {
      EntryMember last = members.get(i);
      while (members.size() < limits.entryEffectsMax() && bytes < limits.entryBytesMax()) {
        EntryMember follower = last.follower();
        if (follower == null) {
          break;
        }
        members.add(follower);
        bytes += follower.sizeBytes();
        last = follower;
      }
    }
  }

  /** Numbers the entry and lays it out. */
  private Entry close(List<EntryMember> members) {
    long term = members.getFirst().decidedTerm();
    if (term != sequenceTerm) {
      sequenceTerm = term;
      // Not 0 when this term began with another state of the partition.
      sequence = lastSequence.applyAsLong(term);
    }
    sequence++;
    lastMillis = Math.max(lastMillis, leaderMillis.getAsLong());
    return new Entry(term, sequence, encode(term, members), members);
  }

  private ByteString encode(long term, List<EntryMember> members) {
    PartitionEntry.Builder entry =
        PartitionEntry.newBuilder()
            .setDecidedTerm(term)
            .setEpoch(epoch)
            .setSequence(sequence)
            .setLeaderMillis(lastMillis);
    boolean remembered = false;
    for (EntryMember member : members) {
      remembered |= member.idHigh() != 0 || member.idLow() != 0;
    }
    for (EntryMember member : members) {
      Effect effect = member.effect();
      if (effect == null) {
        continue;
      }
      entry.addEffects(effect);
      if (remembered) {
        entry.addRequestIds(member.idHigh());
        entry.addRequestIds(member.idLow());
        entry.addOutcomes(member.outcome());
      }
    }
    return entry.build().toByteString();
  }

  private void done(Entry entry, @Nullable Proposal proposal, @Nullable Throwable failure) {
    Redirect redirect = null;
    long index = 0;
    switch (proposal) {
      case Proposal.Applied applied -> {
        index = applied.index();
        redirect = redirect((EntryOutcome) applied.result());
        if (redirect == null) {
          liftFence(entry);
        }
      }
      case Proposal.NotLeader notLeader -> redirect = Redirects.notLeader(notLeader.leader());
      case Proposal.Overloaded _ ->
          redirect = Redirects.of(Redirect.Reason.OVERLOADED, "the log has too much in flight");
      case Proposal.Indeterminate _ -> redirect = unknown(entry, "the leader changed");
      case null -> redirect = unknown(entry, String.valueOf(failure));
    }
    synchronized (this) {
      entriesInFlight--;
    }
    pump();
    for (EntryMember member : entry.members()) {
      if (redirect == null) {
        member.applied(index);
      } else {
        member.redirected(redirect);
      }
    }
  }

  private static @Nullable Redirect redirect(EntryOutcome outcome) {
    return switch (outcome) {
      case APPLIED, ACTIVATED -> null;
      case STALE_TERM, OUT_OF_ORDER, STALE_SCHEMA, CLOSED_TIMESTAMP ->
          Redirects.of(Redirect.Reason.UNAVAILABLE, "decided too early: " + outcome);
      case WRONG_EPOCH, SEALED, NOT_ACTIVE ->
          Redirects.of(Redirect.Reason.WRONG_PARTITION, "the partition has moved on");
      case REPLAYED ->
          throw new IllegalStateException("an entry was proposed at a position applied before");
    };
  }

  private Redirect unknown(Entry entry, String why) {
    synchronized (this) {
      if (fencedTerm != entry.term() || fencedSequence < entry.sequence()) {
        fencedSequence = entry.sequence();
        fencedTerm = entry.term();
      }
    }
    return Redirects.of(Redirect.Reason.INDETERMINATE, why);
  }

  private void liftFence(Entry entry) {
    if (fencedTerm == entry.term()) {
      synchronized (this) {
        if (fencedTerm == entry.term() && fencedSequence < entry.sequence()) {
          fencedTerm = 0;
        }
      }
    }
  }
}
