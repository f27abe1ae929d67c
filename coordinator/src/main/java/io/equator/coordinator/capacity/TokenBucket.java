package io.equator.coordinator.capacity;

/**
 * Units that are there to be taken: so many come in each second, and so many are kept at most.
 *
 * <p>What a request costs is known when it has been answered, so requests are let through while
 * anything is left, and may take more than that: the debt is paid before the next is let through
 * (after <i>Amazon DynamoDB</i>, USENIX ATC 2022, section 4). A debt is at most that of {@value
 * #DEBT_SECONDS} seconds, so that one great item does not lock a small table for longer.
 */
final class TokenBucket {
  private static final int DEBT_SECONDS = 300;

  private final double perSecond;
  private final double most;
  private double units;
  private long atNanos;

  /**
   * @param most kept at most
   * @param units there at first
   */
  TokenBucket(double perSecond, double most, double units, long nowNanos) {
    this.perSecond = perSecond;
    this.most = most;
    this.units = Math.min(units, most);
    this.atNanos = nowNanos;
  }

  double perSecond() {
    return perSecond;
  }

  /** Units that are there; negative for a debt. */
  synchronized double left(long nowNanos) {
    long passed = nowNanos - atNanos;
    if (passed > 0) {
      units = Math.min(most, units + perSecond * passed / 1e9);
      atNanos = nowNanos;
    }
    return units;
  }

  synchronized void take(double taken, long nowNanos) {
    units = Math.max(-DEBT_SECONDS * perSecond, left(nowNanos) - taken);
  }
}
