package io.equator.server.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One client thread that drives some connections.
 *
 * <p><b>Closed loop:</b> each connection begins its next operation when the last is answered; a
 * latency counts from when the operation began.
 *
 * <p><b>Fixed rate:</b> operations are due at even intervals. When one is due it goes to an idle
 * connection; when none is idle it waits, and its latency counts from when it was due all the same.
 *
 * <p>An operation begun before the end is waited for, at most {@link #DRAIN}.
 */
final class Driver implements Runnable {

  /** How long answers are waited for after the end. */
  private static final Duration DRAIN = Duration.ofSeconds(15);

  /** How long a connection that could not be opened is left alone. */
  private static final long REOPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Attempts of an operation before the whole run is given up, where failures are retried. */
  private static final int ATTEMPTS_MAX = 50;

  /**
   * While an operation is due sooner than a selector can wait, answers are looked for this often.
   */
  private static final long POLL_NANOS_MAX = TimeUnit.MICROSECONDS.toNanos(100);

  private static final int ERROR_BYTES_MAX = 300;

  private final LoadPlan plan;
  private final Traffic traffic;
  private final Timeline timeline;
  private final int connectionCount;
  private final int requestBytesMax;
  private final Recorder recorder = new Recorder();
  private final List<Connection> open = new ArrayList<>();
  private final Deque<Connection> idle = new ArrayDeque<>();

  /** Nanoseconds between two due operations of this thread; 0 in a closed loop. */
  private final double intervalNanos;

  private double nextDueOffset;
  private int inFlight;
  private int closedConnections;
  private long reopenAt;
  private boolean exhausted;

  /** Why the run was given up; read after the thread has ended. */
  private @Nullable String givenUp;

  Driver(
      LoadPlan plan,
      Traffic traffic,
      Timeline timeline,
      int connectionCount,
      double ratePerSecond,
      int requestBytesMax) {
    this.plan = plan;
    this.traffic = traffic;
    this.timeline = timeline;
    this.connectionCount = connectionCount;
    this.requestBytesMax = requestBytesMax;
    this.intervalNanos = ratePerSecond > 0 ? 1e9 / ratePerSecond : 0;
  }

  /** What was seen; to be read after {@link #run} has returned. */
  Recorder recorder() {
    return recorder;
  }

  @Nullable String givenUp() {
    return givenUp;
  }

  @Override
  public void run() {
    try (Selector selector = Selector.open()) {
      closedConnections = connectionCount;
      reopenAt = System.nanoTime();
      reopen(selector, reopenAt);
      if (open.isEmpty()) {
        givenUp = "nobody answers at " + plan.endpoint().url();
        return;
      }
      drive(selector);
    } catch (IOException e) {
      givenUp = String.valueOf(e.getMessage());
    } finally {
      open.forEach(Driver::closeQuietly);
    }
  }

  private void drive(Selector selector) throws IOException {
    while (givenUp == null) {
      long now = System.nanoTime();
      boolean over = exhausted || timeline.over(now);
      if (over && inFlight == 0) {
        break;
      }
      if (now - timeline.measureUntil() > DRAIN.toNanos()) {
        recorder.failed("no answer", "nothing came within " + DRAIN.toSeconds() + " s of the end");
        break;
      }
      if (!over) {
        reopen(selector, now);
        beginWhatIsDue(now, selector);
      }
      await(selector, over);
    }
    countWhatWasNeverSent();
  }

  private void beginWhatIsDue(long now, Selector selector) {
    while (!idle.isEmpty() && !exhausted && (intervalNanos == 0 || dueIn(now) <= 0)) {
      long due = now;
      if (intervalNanos > 0) {
        due = nextDue();
        nextDueOffset += intervalNanos;
        if (timeline.over(due)) {
          return;
        }
      }
      begin(idle.removeLast(), due, selector);
    }
  }

  private long nextDue() {
    return timeline.start() + (long) nextDueOffset;
  }

  private long dueIn(long now) {
    return nextDue() - now;
  }

  private void await(Selector selector, boolean over) throws IOException {
    if (over || idle.isEmpty() || intervalNanos == 0) {
      selector.select(this::ready, 50);
      return;
    }
    long wait = dueIn(System.nanoTime());
    long millis = TimeUnit.NANOSECONDS.toMillis(wait);
    if (millis >= 2) {
      selector.select(this::ready, Math.min(50, millis - 1));
    } else if (selector.selectNow(this::ready) == 0 && wait > 0) {
      LockSupport.parkNanos(Math.min(wait, POLL_NANOS_MAX));
    }
  }

  private void ready(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (key.isWritable() && connection.sendRest()) {
        key.interestOps(SelectionKey.OP_READ);
      }
      if (key.isReadable() && connection.receive()) {
        answered(connection, key.selector());
      }
    } catch (IOException e) {
      lost(connection, e);
    }
  }

  private void begin(Connection connection, long due, Selector selector) {
    Operation operation = traffic.next();
    if (operation == null) {
      exhausted = true;
      idle.addLast(connection);
      return;
    }
    connection.operation = operation;
    connection.record = traffic.record(operation);
    connection.step = 0;
    connection.attempts = 0;
    connection.dueNanos = due;
    inFlight++;
    send(connection, operation, selector);
  }

  private void send(Connection connection, Operation operation, Selector selector) {
    traffic.write(operation.step(connection.step), connection.record, connection.requestBuffer());
    try {
      if (!connection.send()) {
        connection
            .channel()
            .keyFor(selector)
            .interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      }
    } catch (IOException e) {
      lost(connection, e);
    }
  }

  private void answered(Connection connection, Selector selector) {
    Operation operation = connection.operation;
    if (operation == null) {
      throw new IllegalStateException("an answer without a request");
    }
    boolean whole = connection.status() == 200 && wasProcessed(connection, operation);
    if (!whole && traffic.retriesFailures()) {
      retry(connection, operation, selector);
      return;
    }
    if (connection.status() == 200 && connection.step + 1 < operation.stepCount()) {
      connection.step++;
      send(connection, operation, selector);
      return;
    }
    finish(connection, operation);
    if (intervalNanos == 0 && !exhausted && !timeline.over(System.nanoTime())) {
      begin(connection, System.nanoTime(), selector);
    } else {
      idle.addLast(connection);
    }
  }

  private void retry(Connection connection, Operation operation, Selector selector) {
    connection.attempts++;
    if (connection.attempts == ATTEMPTS_MAX) {
      givenUp = "the table cannot be filled: " + connection.body(ERROR_BYTES_MAX);
      return;
    }
    send(connection, operation, selector);
  }

  private void finish(Connection connection, Operation operation) {
    inFlight--;
    connection.operation = null;
    long now = System.nanoTime();
    if (!timeline.measured(intervalNanos > 0 ? connection.dueNanos : now)) {
      return;
    }
    if (connection.status() == 200) {
      recorder.answered(operation, now - connection.dueNanos);
      if (operation == Operation.READ && connection.bodyLength() < 10) {
        recorder.foundNothing();
      }
    } else {
      String body = connection.body(ERROR_BYTES_MAX);
      recorder.failed(errorCode(connection.status(), body), body);
    }
  }

  private boolean wasProcessed(Connection connection, Operation operation) {
    boolean whole =
        switch (operation) {
          case BATCH_WRITE -> connection.bodyBeginsOrEndsAround("\"UnprocessedItems\":{}");
          case BATCH_GET -> connection.bodyBeginsOrEndsAround("\"UnprocessedKeys\":{}");
          default -> true;
        };
    if (!whole) {
      recorder.partlyProcessed();
    }
    return whole;
  }

  /** The text after {@code #} in {@code __type}, as the SDKs read it. */
  private static String errorCode(int status, String body) {
    int hash = body.indexOf('#');
    int end = hash < 0 ? -1 : body.indexOf('"', hash);
    return end < 0 ? "HTTP " + status : body.substring(hash + 1, end);
  }

  private void lost(Connection connection, IOException cause) {
    closeQuietly(connection);
    open.remove(connection);
    closedConnections++;
    reopenAt = System.nanoTime() + REOPEN_NANOS;
    if (connection.operation != null) {
      inFlight--;
      connection.operation = null;
      recorder.failed("connection lost", String.valueOf(cause.getMessage()));
      if (traffic.retriesFailures()) {
        givenUp = "the connection was lost while the table was filled: " + cause.getMessage();
      }
    }
  }

  private void reopen(Selector selector, long now) {
    while (closedConnections > 0 && now - reopenAt >= 0) {
      try {
        Connection connection = Connection.open(plan.endpoint().address(), requestBytesMax);
        connection.channel().register(selector, SelectionKey.OP_READ, connection);
        open.add(connection);
        idle.addLast(connection);
        closedConnections--;
      } catch (IOException e) {
        recorder.failed("cannot connect", String.valueOf(e.getMessage()));
        reopenAt = now + REOPEN_NANOS;
        return;
      }
    }
  }

  private void countWhatWasNeverSent() {
    long now = System.nanoTime();
    while (intervalNanos > 0 && !timeline.over(nextDue())) {
      if (timeline.measured(nextDue())) {
        recorder.neverSent(now - nextDue());
      }
      nextDueOffset += intervalNanos;
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (IOException e) {
      // It is not used again, and there is nothing to lose.
    }
  }
}
