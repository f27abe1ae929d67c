package io.equator.node;

/**
 * How much is asked of one partition: the rates of reads and writes of about the last ten seconds,
 * by exponential smoothing, so that one number says it and nothing needs to be kept. Used by one
 * thread; the rates may be read by any.
 */
final class PartitionHeat {
  private static final double SECONDS = 10;

  private long atNanos;
  private long reads;
  private long writes;
  private volatile double readsPerSecond;
  private volatile double writesPerSecond;

  /**
   * Begins at these counts.
   *
   * @param nowNanos of a clock that only goes on
   */
  PartitionHeat(long nowNanos, long reads, long writes) {
    this.atNanos = nowNanos;
    this.reads = reads;
    this.writes = writes;
  }

  /** Takes the counts of now. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void look(long nowNanos, long readsNow, long writesNow) {
    double seconds = (nowNanos - atNanos) / 1e9;
    if (seconds <= 0) {
      return;
    }
    double kept = Math.exp(-seconds / SECONDS);
    readsPerSecond = kept * readsPerSecond + (1 - kept) * ((readsNow - reads) / seconds);
    writesPerSecond = kept * writesPerSecond + (1 - kept) * ((writesNow - writes) / seconds);
    atNanos = nowNanos;
    reads = readsNow;
    writes = writesNow;
  }

  double readsPerSecond() {
    return readsPerSecond;
  }

  double writesPerSecond() {
    return writesPerSecond;
  }
}
