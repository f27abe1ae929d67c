package io.equator.server.dev;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The way from one region of the process to another: every message takes a while, and the way can
 * be cut.
 *
 * <p>Messages and answers are handed on in their order, each one way's time after it was sent. When
 * the way is cut nothing gets through in either direction: a call that is under way fails as it
 * would with a broken connection, its outcome unknown.
 */
final class RegionLink implements ClientInterceptor {
  private final Duration oneWay;
  private final ScheduledExecutorService timer;
  private final Executor threads;
  private volatile boolean cut;

  /**
   * A way that is open.
   *
   * @param timer says when a message is there
   * @param threads hands it over
   */
  RegionLink(Duration oneWay, ScheduledExecutorService timer, Executor threads) {
    this.oneWay = oneWay;
    this.timer = timer;
    this.threads = threads;
  }

  /** A timer and threads for all links of a process. */
  static ScheduledExecutorService timer() {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().name("regions").daemon().factory());
  }

  /** Threads that may be many. */
  static ExecutorService threads() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }

  /** Cuts the way, or opens it again. */
  void cut(boolean now) {
    cut = now;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    ClientCall<Q, A> call = next.newCall(method, options);
    if (oneWay.isZero()) {
      return new Cuttable<>(call);
    }
    // A caller that blocks waits for tasks of its own executor, and for nothing else.
    Executor callers = options.getExecutor();
    return new Delayed<>(call, callers == null ? threads : callers);
  }

  /** What fails while the way is cut. */
  private class Cuttable<Q, A> extends SimpleForwardingClientCall<Q, A> {
    private boolean lost;

    Cuttable(ClientCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendMessage(Q message) {
      if (cut) {
        lost = true;
        cancel("the way to the region is cut", null);
      } else {
        super.sendMessage(message);
      }
    }

    @Override
    public void halfClose() {
      if (!lost) {
        super.halfClose();
      }
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      super.start(new CuttableListener<>(listener), headers);
    }
  }

  private final class CuttableListener<A> extends SimpleForwardingClientCallListener<A> {
    private boolean lost;

    CuttableListener(ClientCall.Listener<A> listener) {
      super(listener);
    }

    @Override
    public void onMessage(A message) {
      if (cut) {
        lost = true;
      } else {
        super.onMessage(message);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (cut || lost) {
        super.onClose(
            Status.UNAVAILABLE.withDescription("the way to the region is cut"), new Metadata());
      } else {
        super.onClose(status, trailers);
      }
    }
  }

  /** What also takes its time. */
  private final class Delayed<Q, A> extends Cuttable<Q, A> {
    private final InOrder out = new InOrder(threads);
    private final InOrder in;

    Delayed(ClientCall<Q, A> call, Executor callers) {
      super(call);
      this.in = new InOrder(callers);
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      super.start(
          new SimpleForwardingClientCallListener<A>(listener) {
            @Override
            public void onHeaders(Metadata arrived) {
              in.later(() -> super.onHeaders(arrived));
            }

            @Override
            public void onMessage(A message) {
              in.later(() -> super.onMessage(message));
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              in.later(() -> super.onClose(status, trailers));
            }
          },
          headers);
    }

    @Override
    public void sendMessage(Q message) {
      out.later(() -> super.sendMessage(message));
    }

    @Override
    public void halfClose() {
      out.later(super::halfClose);
    }
  }

  /** Tasks that run one after the other, each a while after it was given. */
  private final class InOrder {
    private final LinkedBlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    private final Executor runner;
    private boolean running;

    InOrder(Executor runner) {
      this.runner = runner;
    }

    void later(Runnable task) {
      try {
        // Equal delays keep their order in the timer's queue.
        var _ = timer.schedule(() -> run(task), oneWay.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException _) {
        // The process ends; its channels end every call.
      }
    }

    private void run(Runnable task) {
      synchronized (this) {
        due.add(task);
        if (running) {
          return;
        }
        running = true;
      }
      try {
        runner.execute(this::drain);
      } catch (RejectedExecutionException _) {
        // As above.
      }
    }

    private void drain() {
      while (true) {
        Runnable task;
        synchronized (this) {
          task = due.poll();
          if (task == null) {
            running = false;
            return;
          }
        }
        task.run();
      }
    }
  }
}
