package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Confirms for strong reads that this node's leaders still lead, by asking the other nodes for
 * their current terms.
 *
 * <p><b>Why it holds.</b> A leader of a later term was elected by a majority, each of whom raised
 * its term before it voted. If a majority says, after the read arrived, that its term is still t,
 * the two majorities share a node that had not voted for a later term by then; so no later leader
 * existed when the read arrived, and whatever was acknowledged before it was acknowledged by the
 * leader of t or earlier, and stands in this leader's applied state (it has applied an entry of its
 * own term, and answers a write only after applying it). No clock takes part.
 *
 * <p><b>Rounds.</b> There is at most one question to each other node on its way; it asks for all
 * groups at once. A read never joins a question that has been sent: its answer may be older than
 * the read (etcd issue 20418; the same hole in Ratis 3.3.0 served stale reads for more than a
 * second). Reads of one group that arrive before its next question share one {@link Confirmation}.
 *
 * <pre>
 *   peer:          idle ──read──▶ asking ──answer, nobody waits──▶ idle
 *                                 asking ──answer, reads wait────▶ asking (the next round)
 *   confirmation:  open ──first question sent──▶ sealed ──majority──▶ true
 *                                                       ──all answered, no majority, or a later term──▶ false
 *                  open or sealed ──an entry proposed after all its reads was committed──▶ true
 * </pre>
 *
 * <p>Threads: any. One lock guards all state; futures complete and questions are sent outside it.
 */
public final class TermConfirmer {

  private final NodeId self;
  private final TermProbe probe;
  private final Executor continuation;

  private final Map<NodeId, Peer> peers = new HashMap<>();

  /** Not yet decided, oldest first; empty lists stay. */
  private final Map<GroupId, List<Confirmation>> undecided = new HashMap<>();

  /** Lets writers pass without the lock while no read waits. Changed under the lock. */
  private volatile int undecidedCount;

  /**
   * A confirmer.
   *
   * @param self this node, whose own term the callers check
   * @param probe how other nodes are asked
   * @param continuation runs further rounds when a probe answers at once, so that the thread of one
   *     read does not go on serving others
   */
  public TermConfirmer(NodeId self, TermProbe probe, Executor continuation) {
    this.self = self;
    this.probe = probe;
    this.continuation = continuation;
  }

  /**
   * Confirms one read's leader. The caller has checked, after the read arrived, that this node's
   * own term is {@code term} and that it leads and is ready in it.
   *
   * @param mark how many proposals of this replica had begun when the read arrived
   * @return whether the leadership is confirmed; always completes if the probe's futures do
   */
  public CompletableFuture<Boolean> confirm(GroupId group, long term, long mark, Voters voters) {
    CompletableFuture<Boolean> result;
    List<Peer> idle = List.of();
    synchronized (this) {
      List<Confirmation> ofGroup = undecided.computeIfAbsent(group, _ -> new ArrayList<>(2));
      Confirmation last = ofGroup.isEmpty() ? null : ofGroup.getLast();
      if (last != null && !last.sealed && last.term == term && last.voters == voters) {
        last.mark = Math.max(last.mark, mark);
        return last.result;
      }
      Confirmation confirmation = new Confirmation(group, term, mark, voters, voters.bit(self));
      result = confirmation.result;
      ofGroup.add(confirmation);
      undecidedCount = undecidedCount + 1;
      for (NodeId node : voters.all()) {
        if (!node.equals(self)) {
          Peer peer = peers.computeIfAbsent(node, Peer::new);
          peer.next.add(confirmation);
          if (!peer.asking) {
            peer.asking = true;
            idle = idle.isEmpty() ? new ArrayList<>(2) : idle;
            idle.add(peer);
          }
        }
      }
    }
    for (Peer peer : idle) {
      ask(peer);
    }
    return result;
  }

  /**
   * An entry of this replica was committed in this term: a majority took it in that term, after it
   * was proposed. Confirms all reads that had arrived before.
   *
   * @param mark the proposal's number, counted from 1 and taken when it began
   */
  public void committed(GroupId group, long term, long mark) {
    if (undecidedCount == 0) {
      return;
    }
    List<Confirmation> decided = null;
    synchronized (this) {
      List<Confirmation> ofGroup = undecided.getOrDefault(group, List.of());
      for (int i = ofGroup.size() - 1; i >= 0; i--) {
        Confirmation confirmation = ofGroup.get(i);
        if (confirmation.term == term && confirmation.mark < mark) {
          decide(confirmation);
          decided = decided == null ? new ArrayList<>(2) : decided;
          decided.add(confirmation);
        }
      }
    }
    if (decided != null) {
      for (Confirmation confirmation : decided) {
        confirmation.result.complete(true);
      }
    }
  }

  /** Ends every wait of this group with false: its replica stops. */
  public void forget(GroupId group) {
    List<Confirmation> open;
    synchronized (this) {
      open = List.copyOf(undecided.getOrDefault(group, List.of()));
      open.forEach(this::decide);
    }
    for (Confirmation confirmation : open) {
      confirmation.result.complete(false);
    }
  }

  /** Sends the next question to a peer that is marked as asking, or lets it rest. */
  private void ask(Peer peer) {
    List<Confirmation> round;
    synchronized (this) {
      peer.next.removeIf(confirmation -> confirmation.decided);
      if (peer.next.isEmpty()) {
        peer.asking = false;
        return;
      }
      round = peer.next;
      peer.next = new ArrayList<>(round.size());
      for (Confirmation confirmation : round) {
        confirmation.sealed = true;
      }
    }
    List<GroupId> groups = new ArrayList<>(round.size());
    for (Confirmation confirmation : round) {
      groups.add(confirmation.group);
    }
    CompletableFuture<long[]> answer = send(peer, groups);
    if (answer.isDone()) {
      take(peer, round, answer.isCompletedExceptionally() ? null : answer.join());
      if (nobodyWaits(peer)) {
        return;
      }
      continuation.execute(() -> ask(peer));
    } else {
      var _ =
          answer.whenComplete(
              (terms, _) -> {
                take(peer, round, terms);
                ask(peer);
              });
    }
  }

  private synchronized boolean nobodyWaits(Peer peer) {
    if (peer.next.isEmpty()) {
      peer.asking = false;
      return true;
    }
    return false;
  }

  private CompletableFuture<long[]> send(Peer peer, List<GroupId> groups) {
    try {
      return probe.terms(peer.node, groups);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Takes a peer's answer to one round; null when it could not be asked. */
  private void take(Peer peer, List<Confirmation> round, long @Nullable [] terms) {
    long[] usable = terms != null && terms.length == round.size() ? terms : null;
    List<Confirmation> decided = new ArrayList<>(round.size());
    synchronized (this) {
      for (int i = 0; i < round.size(); i++) {
        Confirmation confirmation = round.get(i);
        if (!confirmation.decided) {
          confirmation.take(confirmation.voters.bit(peer.node), usable != null ? usable[i] : 0);
          if (confirmation.verdict != null) {
            decide(confirmation);
            decided.add(confirmation);
          }
        }
      }
    }
    for (Confirmation confirmation : decided) {
      confirmation.result.complete(Boolean.TRUE.equals(confirmation.verdict));
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Every change is made under the lock.
  private void decide(Confirmation confirmation) {
    confirmation.decided = true;
    List<Confirmation> ofGroup = undecided.get(confirmation.group);
    if (ofGroup != null && ofGroup.remove(confirmation)) {
      undecidedCount = undecidedCount - 1;
    }
  }

  /** Another node. */
  private static final class Peer {
    final NodeId node;
    boolean asking;
    List<Confirmation> next = new ArrayList<>();

    Peer(NodeId node) {
      this.node = node;
    }
  }

  /** What one or more reads of one group wait for. */
  private static final class Confirmation {
    final GroupId group;
    final long term;
    final Voters voters;
    final CompletableFuture<Boolean> result = new CompletableFuture<>();

    /** The greatest of its reads' marks. */
    long mark;

    /** A question that includes it has been sent: no further read may join. */
    boolean sealed;

    boolean decided;

    private long yes;
    private long answered;
    private @Nullable Boolean verdict;

    Confirmation(GroupId group, long term, long mark, Voters voters, long self) {
      this.group = group;
      this.term = term;
      this.mark = mark;
      this.voters = voters;
      this.yes = self;
      this.answered = self;
    }

    void take(long member, long memberTerm) {
      answered |= member;
      if (memberTerm == term) {
        yes |= member;
      }
      if (voters.majority(yes)) {
        verdict = true;
      } else if (memberTerm > term || Long.bitCount(answered) == voters.all().size()) {
        verdict = false;
      }
    }
  }
}
