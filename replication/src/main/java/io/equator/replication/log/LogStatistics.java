package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.util.Map;

/**
 * Figures of one replica, for those who watch it. Each is right, but not all of one moment.
 *
 * @param running false when the replica has stopped, or stopped itself
 * @param term the term it is in
 * @param termsBegun how often the term has grown since the replica was opened: each is an attempt
 *     to elect a leader
 * @param leaderChanges how often it has learnt of another leader than before
 * @param electionsWon how often it has become the leader
 * @param lastIndex of its log; -1 when it is empty
 * @param committedIndex up to where it knows that a majority has the log
 * @param appliedIndex up to where its state has the log
 * @param behind of the leader only: how many committed entries each other replica does not have yet
 */
public record LogStatistics(
    boolean running,
    long term,
    long termsBegun,
    long leaderChanges,
    long electionsWon,
    long lastIndex,
    long committedIndex,
    long appliedIndex,
    Map<NodeId, Long> behind) {

  /** Of a replica that does not run. */
  public static final LogStatistics STOPPED =
      new LogStatistics(false, 0, 0, 0, 0, -1, -1, -1, Map.of());

  public LogStatistics {
    behind = Map.copyOf(behind);
  }
}
