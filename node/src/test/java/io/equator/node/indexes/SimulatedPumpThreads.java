package io.equator.node.indexes;

import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Runs pumps one at a time inside a simulation. Each has a thread, but it runs only while an event
 * of the simulation waits for it, until it waits itself: the same seed gives the same run.
 */
final class SimulatedPumpThreads implements PumpThreads {
  private final Simulation simulation;
  private final List<Coroutine> all = new ArrayList<>();
  private @Nullable Coroutine current;

  SimulatedPumpThreads(Simulation simulation) {
    this.simulation = simulation;
  }

  /** A thread that hands control back and forth. */
  private final class Coroutine {
    private final Semaphore mayRun = new Semaphore(0);
    private final Semaphore isBack = new Semaphore(0);
    private boolean killed;
    private boolean over;
    private long parked;
    private boolean isParked;

    void start(Runnable pump) {
      var _ =
          Thread.startVirtualThread(
              () -> {
                mayRun.acquireUninterruptibly();
                if (!killed) {
                  pump.run();
                }
                over = true;
                isBack.release();
              });
      simulation.after(0, this::resume);
    }

    private void resume() {
      if (over) {
        return;
      }
      Coroutine before = current;
      current = this;
      mayRun.release();
      isBack.acquireUninterruptibly();
      current = before;
    }

    /** Waits until somebody who has this place in hand resumes. */
    void park() throws InterruptedException {
      isParked = true;
      isBack.release();
      mayRun.acquireUninterruptibly();
      isParked = false;
      if (killed) {
        throw new InterruptedException("the node is dead");
      }
    }

    long nextPlace() {
      return ++parked;
    }

    void resumeAt(long place) {
      if (isParked && place == parked) {
        resume();
      }
    }

    void kill() {
      killed = true;
      resume();
    }
  }

  private Coroutine here() {
    if (current == null) {
      throw new IllegalStateException("only a pump waits");
    }
    return current;
  }

  /** Waits for an answer, in a pump; null when none comes in this time. */
  <A> @Nullable A await(CompletableFuture<A> answer, long nanos) throws InterruptedException {
    Coroutine pump = here();
    long place = pump.nextPlace();
    answer.thenRun(() -> simulation.after(0, () -> pump.resumeAt(place)));
    simulation.after(nanos, () -> pump.resumeAt(place));
    pump.park();
    return answer.getNow(null);
  }

  @Override
  public Waits waits() {
    return new Waits() {
      private boolean woken;
      private @Nullable Runnable waiting;

      @Override
      public void wake() {
        woken = true;
        if (waiting != null) {
          simulation.after(0, waiting);
          waiting = null;
        }
      }

      @Override
      public boolean await(long millis) throws InterruptedException {
        Coroutine pump = here();
        long place = pump.nextPlace();
        Runnable resume = () -> pump.resumeAt(place);
        if (woken) {
          simulation.after(0, resume);
        } else {
          waiting = resume;
          simulation.after(millis * Simulation.MILLIS, resume);
        }
        pump.park();
        waiting = null;
        boolean was = woken;
        woken = false;
        return was;
      }

      @Override
      public boolean made(CompletableFuture<Boolean> submitted) throws InterruptedException {
        if (!submitted.isDone()) {
          Coroutine pump = here();
          long place = pump.nextPlace();
          var _ = submitted.whenComplete((_, _) -> simulation.after(0, () -> pump.resumeAt(place)));
          pump.park();
        }
        return submitted.getNow(false);
      }
    };
  }

  @Override
  public void run(Runnable pump) {
    Coroutine coroutine = new Coroutine();
    all.add(coroutine);
    coroutine.start(pump);
  }

  @Override
  public void close() {
    all.forEach(Coroutine::kill);
    all.clear();
  }
}
