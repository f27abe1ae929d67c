package io.equator.replication.ratis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;

/**
 * Makes Ratis's log workers end at once when their server closes. A worker waits for tasks in
 * stretches of a second and looks only between them whether it should end, so each node of a
 * process would take up to a second to close.
 *
 * <p>A worker is interrupted only when its log is closed and it waits: then no task is queued and
 * none can come, so no write is cut short (an interrupt during one would close the file).
 */
final class LogWorkers implements AutoCloseable {

  private static final long PERIOD_NANOS = 20_000_000;

  private final Thread thread;
  private volatile boolean over;

  private LogWorkers(List<RaftServer.Division> divisions) {
    this.thread = Thread.ofPlatform().daemon().name("raft-close").unstarted(() -> watch(divisions));
  }

  /** Watches a server that is about to be closed, until this is closed. */
  static LogWorkers hasten(RaftServer server) {
    List<RaftServer.Division> divisions = new ArrayList<>();
    for (RaftGroupId group : server.getGroupIds()) {
      try {
        divisions.add(server.getDivision(group));
      } catch (IOException e) {
        // It could not be opened, so it has no worker.
        continue;
      }
    }
    LogWorkers watching = new LogWorkers(divisions);
    watching.thread.start();
    return watching;
  }

  @Override
  public void close() {
    over = true;
    LockSupport.unpark(thread);
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
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) {
      top = top.getParent();
    }
    Thread[] threads = new Thread[top.activeCount() + 64];
    int count = top.enumerate(threads);
    for (int i = 0; i < count; i++) {
      if (threads[i].getName().startsWith(name)
          && threads[i].getState() == Thread.State.TIMED_WAITING) {
        threads[i].interrupt();
      }
    }
  }
}
