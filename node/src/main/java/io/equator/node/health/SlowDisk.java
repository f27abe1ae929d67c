package io.equator.node.health;

import java.util.List;

/**
 * Finds out whether this node's disk is much slower than those of its peers (a gray failure: it
 * answers, so nothing else takes its leaderships away).
 *
 * <p>Against peers, because when all disks are slow nobody can take over, and handing leaderships
 * around would make it worse. With stickiness in both directions: slow for {@link
 * SlowDiskRules#after} without a break before anything is done, and then well for as long, where
 * well is less than half of what counts as slow.
 *
 * <p>Pure; used by one thread.
 */
public final class SlowDisk {
  private static final long NONE = Long.MIN_VALUE;

  private final SlowDiskRules rules;
  private boolean slow;

  /** Since when the looks have spoken against {@link #slow}. */
  private long sinceNanos = NONE;

  /** A disk that is well. */
  public SlowDisk(SlowDiskRules rules) {
    this.rules = rules;
  }

  /**
   * Takes a look into account.
   *
   * @param nowNanos never goes back
   * @param micros of a force here
   * @param peers the same of every peer that is known
   * @return whether it counts as slow from now on
   */
  public boolean look(long nowNanos, long micros, List<Long> peers) {
    double bound = bound(peers);
    boolean against = slow ? micros < bound / 2 : micros >= bound;
    if (!against) {
      sinceNanos = NONE;
    } else if (sinceNanos == NONE) {
      sinceNanos = nowNanos;
    } else if (nowNanos - sinceNanos >= rules.after().toNanos()) {
      slow = !slow;
      sinceNanos = NONE;
    }
    return slow;
  }

  private double bound(List<Long> peers) {
    if (peers.isEmpty() || rules.forceAtLeast().isZero()) {
      return Double.POSITIVE_INFINITY;
    }
    List<Long> sorted = peers.stream().sorted().toList();
    // The lower of two: one slow peer is no excuse.
    long median = sorted.get((sorted.size() - 1) / 2);
    return Math.max(rules.forceAtLeast().toNanos() / 1e3, rules.timesPeers() * median);
  }
}
