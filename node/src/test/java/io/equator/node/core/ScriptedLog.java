package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A log of one replica whose proposals wait until the test says what becomes of them; with {@link
 * #automatic} it applies them at once. One thread.
 */
final class ScriptedLog implements ReplicatedLog {
  /** One proposal whose fate is open. */
  record Pending(long term, ByteString entry, CompletableFuture<Proposal> answer) {}

  private final LogMachine machine;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final List<ByteString> applied = new ArrayList<>();
  private Leadership leadership = new Leadership.Leader(1, true);
  private CompletableFuture<Boolean> confirmation = CompletableFuture.completedFuture(true);
  private boolean automatic;
  private long index = 1;

  ScriptedLog(LogMachine machine) {
    this.machine = machine;
  }

  ScriptedLog automatic() {
    automatic = true;
    return this;
  }

  /** From now on a proposal waits until the test lets it through. */
  void manual() {
    automatic = false;
  }

  /** Commits and applies what waits, and what comes of that, until nothing waits. */
  void commitAll() {
    while (!pending.isEmpty()) {
      applyNext();
    }
  }

  Deque<Pending> pending() {
    return pending;
  }

  /** Entries applied through this log, oldest first. */
  List<ByteString> applied() {
    return applied;
  }

  void lead(long term) {
    leadership = new Leadership.Leader(term, true);
  }

  void follow(long term, String leader) {
    leadership = new Leadership.Follower(term, Optional.of(new NodeId(leader)));
  }

  void confirmWith(CompletableFuture<Boolean> answer) {
    confirmation = answer;
  }

  /** Commits and applies the oldest pending proposal in its own term. */
  Object applyNext() {
    return apply(pending.remove());
  }

  /** Commits and applies a proposal in its own term and answers its proposer. */
  Object apply(Pending proposal) {
    Object result = applyOnly(proposal, proposal.term());
    proposal.answer().complete(new Proposal.Applied(proposal.term(), index, result));
    return result;
  }

  /** Commits and applies an entry in a term, without telling its proposer. */
  Object applyOnly(Pending proposal, long term) {
    index++;
    Object result = machine.apply(term, index, proposal.entry());
    applied.add(proposal.entry());
    return result;
  }

  @Override
  public GroupId group() {
    return GroupId.ofPartition(1);
  }

  @Override
  public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
    if (!(leadership instanceof Leadership.Leader(long term, _)) || term != expectedTerm) {
      return CompletableFuture.completedFuture(new Proposal.NotLeader(Optional.empty()));
    }
    Pending proposal = new Pending(term, entry, new CompletableFuture<>());
    if (automatic) {
      apply(proposal);
    } else {
      pending.add(proposal);
    }
    return proposal.answer();
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public long currentTerm() {
    return leadership.term();
  }

  @Override
  public CompletableFuture<Boolean> confirmLeadership() {
    return confirmation;
  }

  @Override
  public void requestSnapshot() {}

  @Override
  public java.util.List<io.equator.partitioner.NodeId> members() {
    return java.util.List.of();
  }

  @Override
  public CompletableFuture<io.equator.replication.log.MembershipChange> changeMembers(
      java.util.List<io.equator.replication.log.Peer> before,
      java.util.List<io.equator.replication.log.Peer> after) {
    throw new UnsupportedOperationException("its members do not change");
  }

  @Override
  public void transferTo(io.equator.partitioner.NodeId successor) {
    throw new UnsupportedOperationException("it has no other members");
  }

  @Override
  public void stepDown() {
    leadership = new Leadership.Follower(leadership.term(), Optional.empty());
  }

  @Override
  public void close() {}
}
