package io.equator.coordinator.http;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of unfinished bodies the server holds at most, over all connections. */
final class BodyBudget {
  private final long bytesMax;
  private final AtomicLong taken = new AtomicLong();

  BodyBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Takes this much, or nothing and answers false. */
  boolean take(long count) {
    if (taken.addAndGet(count) > bytesMax) {
      taken.addAndGet(-count);
      return false;
    }
    return true;
  }

  void giveBack(long count) {
    taken.addAndGet(-count);
  }

  /** What is taken now. */
  long taken() {
    return taken.get();
  }
}
