package io.equator.node.rocksdb;

import io.equator.node.core.StoreException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps native objects alive while somebody is inside: a call into a closed RocksDB would take the
 * process down.
 *
 * <p>{@link #enter()} before each use, {@link #leave()} after it. {@link #shut()} lets nobody in
 * any more and returns when everybody has left; those who are inside are few and quick, or hold an
 * open cursor and are about to close it.
 */
final class Gate {
  private static final long SHUT = Long.MIN_VALUE;

  private final AtomicLong inside = new AtomicLong();

  void enter() {
    if (inside.incrementAndGet() < 0) {
      inside.decrementAndGet();
      throw new StoreException("the store is closed");
    }
  }

  void leave() {
    inside.decrementAndGet();
  }

  long inside() {
    return inside.get();
  }

  /** True for the one caller that shut it; false when it was shut before. */
  boolean shut() {
    long seen;
    do {
      seen = inside.get();
      if (seen < 0) {
        return false;
      }
    } while (!inside.compareAndSet(seen, seen + SHUT));
    while (inside.get() != SHUT) {
      LockSupport.parkNanos(50_000);
    }
    return true;
  }
}
