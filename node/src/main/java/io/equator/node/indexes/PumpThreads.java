package io.equator.node.indexes;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What runs pumps, and what they wait with: threads and time, or a simulation of both. */
interface PumpThreads extends AutoCloseable {

  /** How one pump waits. */
  interface Waits {
    /** Ends the present or the next {@link #await}; from any thread. */
    void wake();

    /** Waits for {@link #wake}; false when it did not come in this time. */
    boolean await(long millis) throws InterruptedException;

    /** Waits until an effect is applied; false when it is not, or nobody knows. */
    boolean made(CompletableFuture<Boolean> submitted) throws InterruptedException;
  }

  /** Something for one pump to wait with. */
  Waits waits();

  /** Runs a pump until it ends by itself. */
  void run(Runnable pump);

  /** Interrupts the pumps and waits for their end. */
  @Override
  void close();

  /** A virtual thread for each pump. */
  static PumpThreads virtual() {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    return new PumpThreads() {
      @Override
      public Waits waits() {
        return new RealWaits();
      }

      @Override
      public void run(Runnable pump) {
        threads.execute(pump);
      }

      @Override
      public void close() {
        threads.shutdownNow();
        threads.close();
      }
    };
  }

  /** Time passes by itself. */
  final class RealWaits implements Waits {
    private final Semaphore wakes = new Semaphore(0);

    @Override
    public void wake() {
      if (wakes.availablePermits() == 0) {
        wakes.release();
      }
    }

    @Override
    public boolean await(long millis) throws InterruptedException {
      boolean woken = wakes.tryAcquire(millis, TimeUnit.MILLISECONDS);
      wakes.drainPermits();
      return woken;
    }

    @Override
    public boolean made(CompletableFuture<Boolean> submitted) throws InterruptedException {
      try {
        return submitted.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("an effect could not be submitted", e);
      }
    }
  }
}
