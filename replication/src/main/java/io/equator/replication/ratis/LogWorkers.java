package io.equator.replication.ratis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.server.RaftServer;

/**
 * Makes Ratis's log workers end at once when their divisions close. A worker waits for tasks in
 * stretches of a second and looks only between them whether it should end, so each division would
 * take up to a second to close.
 *
 * <p>A worker is interrupted only when its log is closed and it waits: then no task is queued and
 * none can come, so no write is cut short (an interrupt during one would close the file). It is
 * found by its name within its own server's thread group; no division of that name can be opened
 * again before this is closed.
 */
final class LogWorkers implements AutoCloseable {

  private static final long PERIOD_NANOS = 20_000_000;

  private final ThreadGroup threads;
  private final Thread watcher;
  private volatile boolean over;

  private LogWorkers(ThreadGroup threads, List<RaftServer.Division> divisions) {
    this.threads = threads;
    this.watcher =
        Thread.ofPlatform().daemon().name("raft-close").unstarted(() -> watch(divisions));
  }

  /**
   * Watches divisions that are about to be closed, until this is closed.
   *
   * @param threads holds all threads of their server, and of no other
   */
  static LogWorkers hasten(ThreadGroup threads, List<RaftServer.Division> divisions) {
    LogWorkers watching = new LogWorkers(threads, divisions);
    watching.watcher.start();
    return watching;
  }

  /** Returns when nothing will be interrupted any more. */
  @Override
  public void close() {
    over = true;
    LockSupport.unpark(watcher);
    boolean interrupted = false;
    while (watcher.isAlive()) {
      try {
        watcher.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch(List<RaftServer.Division> divisions) {
    List<RaftServer.Division> closed = new ArrayList<>();
    while (!over) {
      LockSupport.parkNanos(PERIOD_NANOS);
      // Seen closed in the round before: by now Ratis has told the worker that it is to end.
      for (RaftServer.Division division : closed) {
        interruptIdle(division.getMemberId() + "-SegmentedRaftLogWorker");
      }
      closed.clear();
      for (RaftServer.Division division : divisions) {
        if (!division.getRaftLog().isOpened()) {
          closed.add(division);
        }
      }
    }
  }

  private void interruptIdle(String name) {
    Thread[] found = new Thread[threads.activeCount() + 64];
    int count = threads.enumerate(found);
    for (int i = 0; i < count; i++) {
      if (found[i].getName().startsWith(name)
          && found[i].getState() == Thread.State.TIMED_WAITING) {
        found[i].interrupt();
      }
    }
  }
}
