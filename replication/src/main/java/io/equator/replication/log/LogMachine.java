package io.equator.replication.log;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The state that a group's log drives. One thread at a time calls {@link #apply} and {@link
 * #advance}, in log order and without gaps; the other methods may be called from other threads,
 * also at the same time.
 *
 * <p>After a restart the log starts behind {@link #durablePosition()}: entries that had been
 * applied but were not durable come again.
 */
public interface LogMachine {

  /**
   * Whether an entry can be applied now. While it cannot, it is asked for again and again, and
   * nothing behind it is applied: for an entry that depends on what another group's log brings to
   * this very node. Cheap as a rule; on the applying thread.
   */
  default boolean mayApply(long term, long index, ByteString entry) {
    return true;
  }

  /**
   * Applies one entry. It cannot refuse, and must do the same on every replica, for ever: a rule
   * that fails is a normal result. Throwing means that this state can no longer be trusted; it
   * stops the replica.
   *
   * @param entry what was proposed; read-only, and valid after the call
   * @return what the proposer, if it waits here, gets as {@link Proposal.Applied#result}
   */
  Object apply(long term, long index, ByteString entry);

  /**
   * An entry of the log's own (a configuration, a leader's first) stands at this position: nothing
   * to apply, but the position counts as applied.
   */
  void advance(long term, long index);

  /** The position up to which the state survives a loss of power, now. Never goes back. */
  LogPosition durablePosition();

  /**
   * Makes everything durable that is applied when it is called (it may be more); the log before the
   * returned position may be thrown away. May block; comes between two applied entries, on the
   * applying thread.
   */
  LogPosition flush();

  /**
   * Tells of a change of role, term or readiness. Must not block. {@code Leader(term, ready)} is
   * told after the entries before it have been applied.
   */
  void leadershipChanged(Leadership leadership);

  /**
   * The others' logs begin behind the end of this state: what is between is gone, so the state
   * itself must come from another replica. Returns at once; {@link #apply} may go on being called
   * with entries of before, and does nothing with those that the new state holds.
   *
   * <p>A machine that cannot stays as it is, and is asked again and again.
   *
   * @param atLeastIndex the new state must hold the entry at this index, or a later one; the last
   *     one before the leader's log, less than 0 when that has everything
   * @param sources nodes that have a replica, the leader first; never this node
   * @return the durable position of the new state; empty when none was to be had now, then nothing
   *     has changed; exceptionally when this state can no longer be trusted, which stops the
   *     replica
   */
  default CompletableFuture<Optional<LogPosition>> install(
      long atLeastIndex, List<NodeId> sources) {
    return CompletableFuture.completedFuture(Optional.empty());
  }
}
