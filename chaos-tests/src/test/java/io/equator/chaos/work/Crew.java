package io.equator.chaos.work;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** All clients of all kinds of work, which go on until they are stopped. */
public final class Crew implements AutoCloseable {
  /** Between two steps of a client, so that the machine's time goes to the cluster. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

  private final List<Thread> threads = new ArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  private Crew() {}

  /** Starts the work. */
  public static Crew start(List<Work> works, DynamoDbClient database, long seed) {
    Crew crew = new Crew();
    SplittableRandom seeds = new SplittableRandom(seed);
    for (Work work : works) {
      for (int client = 0; client < work.clients(); client++) {
        int number = client;
        SplittableRandom random = seeds.split();
        crew.threads.add(Thread.ofVirtual().start(() -> crew.work(work, database, number, random)));
      }
    }
    return crew;
  }

  private void work(Work work, DynamoDbClient database, int client, SplittableRandom random) {
    while (!stopped) {
      try {
        work.step(database, client, random);
      } catch (RuntimeException | Error e) {
        violations.add(work.name() + ": " + e);
        return;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Ends the work; what went wrong in it, besides what judges will find. */
  public List<String> stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(violations);
  }

  @Override
  public void close() {
    stopped = true;
  }
}
