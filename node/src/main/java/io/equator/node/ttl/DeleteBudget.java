package io.equator.node.ttl;

/**
 * How many expired items may still be deleted: what a second allows comes in evenly, and at most
 * one second's worth is saved up. Used by one thread.
 */
final class DeleteBudget {
  private final int perSecond;
  private double left;
  private long lastNanos;

  /**
   * @param perSecond 0: no bound
   */
  DeleteBudget(int perSecond, long nowNanos) {
    this.perSecond = perSecond;
    this.left = perSecond;
    this.lastNanos = nowNanos;
  }

  /** How many of {@code wanted} may be deleted now; they count as deleted. */
  int take(int wanted, long nowNanos) {
    if (perSecond == 0) {
      return wanted;
    }
    left = Math.min(perSecond, left + (nowNanos - lastNanos) / 1e9 * perSecond);
    lastNanos = nowNanos;
    int taken = (int) Math.min(wanted, left);
    left -= taken;
    return taken;
  }

  /** Gives back what was not needed. */
  void giveBack(int count) {
    left = Math.min(perSecond, left + count);
  }
}
