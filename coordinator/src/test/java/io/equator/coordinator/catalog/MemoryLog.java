package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A log of one member in memory: what is proposed is applied at once, on the caller's thread.
 *
 * <p>Faults on request: not leading, overload, and answers that get lost after the entry was
 * applied.
 */
final class MemoryLog implements ReplicatedLog {
  private static final long TERM = 1;

  private final LogMachine machine;
  private long lastIndex;
  private volatile boolean leading = true;
  private int overloadsToCome;
  private int answersToLose;

  MemoryLog(LogMachine machine) {
    this.machine = machine;
    this.lastIndex = machine.durablePosition().index();
  }

  /** Whether this member leads from now on. */
  void lead(boolean now) {
    leading = now;
  }

  /** The next proposals are refused for overload. */
  synchronized void refuse(int count) {
    overloadsToCome = count;
  }

  /** The next proposals are applied, and their outcome is not told. */
  synchronized void loseAnswers(int count) {
    answersToLose = count;
  }

  @Override
  public GroupId group() {
    return GroupId.CATALOG;
  }

  @Override
  public synchronized CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
    if (!leading) {
      return CompletableFuture.completedFuture(new Proposal.NotLeader(Optional.empty()));
    }
    if (overloadsToCome > 0) {
      overloadsToCome--;
      return CompletableFuture.completedFuture(new Proposal.Overloaded());
    }
    lastIndex++;
    Object result = machine.apply(TERM, lastIndex, entry);
    if (answersToLose > 0) {
      answersToLose--;
      return CompletableFuture.completedFuture(new Proposal.Indeterminate());
    }
    return CompletableFuture.completedFuture(new Proposal.Applied(TERM, lastIndex, result));
  }

  @Override
  public Leadership leadership() {
    return leading
        ? new Leadership.Leader(TERM, true)
        : new Leadership.Follower(TERM, Optional.of(new NodeId("elsewhere")));
  }

  @Override
  public long currentTerm() {
    return TERM;
  }

  @Override
  public CompletableFuture<Boolean> confirmLeadership() {
    return CompletableFuture.completedFuture(leading);
  }

  @Override
  public void requestSnapshot() {
    machine.flush();
  }

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
    leading = false;
  }

  @Override
  public void close() {}
}
