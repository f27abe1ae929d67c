package io.equator.node;

import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;

/**
 * Replicas that have stopped themselves, and when each may be opened again: soon at first, later
 * each time that it fails again.
 *
 * <p>Made before the log host that tells it and the node that asks it. Threads: any may tell, one
 * asks.
 */
public final class ReplicaFailures implements LogHost.FailureListener {
  private static final long FIRST_MILLIS = 1_000;
  private static final long LAST_MILLIS = 300_000;

  /** Without a failure for so long a replica counts as sound again. */
  private static final long FORGOTTEN_MILLIS = 600_000;

  private final LongSupplier millis;
  private final ConcurrentLinkedQueue<GroupId> told = new ConcurrentLinkedQueue<>();
  private final Map<GroupId, Failed> failed = new ConcurrentHashMap<>();

  /**
   * @param attempts since it was last sound
   * @param since when it failed last
   * @param waits until it is opened again
   */
  private record Failed(int attempts, long since, boolean waits) {
    long delay() {
      return Math.min(LAST_MILLIS, FIRST_MILLIS << Math.min(attempts - 1, 20));
    }
  }

  /**
   * @param millis a clock that never goes back
   */
  public ReplicaFailures(LongSupplier millis) {
    this.millis = millis;
  }

  /** With the process's clock. */
  public ReplicaFailures() {
    this(() -> System.nanoTime() / 1_000_000);
  }

  @Override
  public void replicaFailed(GroupId group, Throwable cause) {
    told.add(group);
  }

  /** The replicas that have failed since the last time; each has to be closed. */
  List<GroupId> fresh() {
    List<GroupId> fresh = new ArrayList<>();
    for (GroupId group = told.poll(); group != null; group = told.poll()) {
      if (!fresh.contains(group)) {
        fresh.add(group);
        long now = millis.getAsLong();
        failed.merge(
            group,
            new Failed(1, now, true),
            (before, _) ->
                new Failed(
                    now - before.since > before.delay() + FORGOTTEN_MILLIS
                        ? 1
                        : before.attempts + 1,
                    now,
                    true));
      }
    }
    return fresh;
  }

  /** Whether a replica may be opened now, for the first time or again. */
  boolean mayOpen(GroupId group) {
    Failed failure = failed.get(group);
    return failure == null
        || !failure.waits
        || millis.getAsLong() - failure.since >= failure.delay();
  }

  /** A replica has been opened. */
  void opened(GroupId group) {
    failed.computeIfPresent(group, (_, before) -> new Failed(before.attempts, before.since, false));
  }

  /** What made them fail is over: all may be opened at once. */
  void forgive() {
    failed.clear();
  }

  /** Opening a replica failed. */
  void openingFailed(GroupId group) {
    told.add(group);
  }
}
