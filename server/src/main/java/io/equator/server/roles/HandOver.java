package io.equator.server.roles;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.ReplicatedLog;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives away what a node leads before it stops in order. A group whose leader just goes is without
 * one until its followers have missed it for an election timeout; one that is handed over waits for
 * a message.
 *
 * <p>Bounded: what nobody has taken when the time is up is elected for, as after a crash. Each try
 * asks another follower, the one that has most of the log first: one may be away.
 */
final class HandOver {
  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);
  private static final long LOOK_MILLIS = 20;

  private final Map<GroupId, ReplicatedLog> logs;
  private final Duration limit;
  private final Duration attempt;

  /** What was tried last for a group. */
  private record Try(int number, long nanos) {}

  /**
   * @param logs of the groups that may be led here
   * @param limit after which it gives up
   * @param attempt how long one successor is waited for
   */
  HandOver(Map<GroupId, ReplicatedLog> logs, Duration limit, Duration attempt) {
    this.logs = Map.copyOf(logs);
    this.limit = limit;
    this.attempt = attempt;
  }

  /** Returns when nothing is led here any more that another could lead, or the time is up. */
  void run() {
    long begun = System.nanoTime();
    Map<GroupId, Try> tries = new HashMap<>();
    try {
      while (System.nanoTime() - begun < limit.toNanos()) {
        boolean leads = false;
        for (Map.Entry<GroupId, ReplicatedLog> log : logs.entrySet()) {
          if (isToGo(log.getValue())) {
            leads = true;
            tries.compute(log.getKey(), (_, last) -> next(log.getValue(), last));
          }
        }
        if (!leads) {
          break;
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long left = logs.values().stream().filter(HandOver::isToGo).count();
    LOG.info(
        "handed over {} of {} leaderships in {} ms",
        tries.size() - left,
        tries.size(),
        (System.nanoTime() - begun) / 1_000_000);
  }

  private static boolean isToGo(ReplicatedLog log) {
    return log.leadership() instanceof Leadership.Leader && log.members().size() > 1;
  }

  private Try next(ReplicatedLog log, @org.jspecify.annotations.Nullable Try last) {
    long now = System.nanoTime();
    if (last != null && now - last.nanos < attempt.toNanos()) {
      return last;
    }
    int number = last == null ? 0 : last.number + 1;
    Map<NodeId, Long> behind = log.statistics().behind();
    List<NodeId> successors =
        behind.keySet().stream()
            .filter(log.members()::contains)
            .sorted(
                Comparator.comparingLong((NodeId node) -> behind.getOrDefault(node, 0L))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    if (!successors.isEmpty()) {
      log.transferTo(successors.get(number % successors.size()));
    }
    return new Try(number, now);
  }
}
