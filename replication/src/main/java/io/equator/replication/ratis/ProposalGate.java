package io.equator.replication.ratis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the proposals of one replica that are under way, and lets no new ones in while leadership
 * is handed over.
 *
 * <p>Threads: any.
 */
final class ProposalGate {
  private final AtomicInteger within = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private volatile boolean shut;

  /** Lets one proposal in; false when the gate is shut. */
  boolean enter() {
    within.incrementAndGet();
    // In this order: whoever shuts the gate and then counts sees this one, or this one sees it
    // shut.
    if (shut) {
      leave();
      return false;
    }
    return true;
  }

  /** A proposal that was let in has come to its end. */
  void leave() {
    if (within.decrementAndGet() == 0 && shut) {
      lock.lock();
      try {
        empty.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Shuts the gate; false when it is shut already. */
  boolean shut() {
    lock.lock();
    try {
      boolean open = !shut;
      shut = true;
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** Lets proposals in again. */
  void open() {
    shut = false;
  }

  /**
   * Waits until nothing is under way.
   *
   * @return false when something still was after this time
   */
  boolean awaitEmpty(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (within.get() > 0 && left > 0) {
        left = empty.awaitNanos(left);
      }
      return within.get() == 0;
    } finally {
      lock.unlock();
    }
  }

  /** As far as is known at this moment. */
  @Override
  public String toString() {
    return within + " under way" + (shut ? ", shut" : "");
  }
}
