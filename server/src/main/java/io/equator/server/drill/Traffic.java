package io.equator.server.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The application: writers at home in each region, who turn to the next one when theirs does not
 * answer, and try theirs again with the next write. Each fifth write goes to one of a few items
 * that writers of all regions change.
 */
final class Traffic implements AutoCloseable {
  private static final int CONTESTED = 5;
  private static final Duration BEAT = Duration.ofMillis(250);

  /**
   * A write that was acknowledged.
   *
   * @param home of its writer
   * @param region that acknowledged it
   */
  record Acknowledged(String id, String home, String region, long atNanos) {}

  /** A write that a region did not acknowledge; the next region was asked. */
  record Failed(String region, long atNanos) {}

  /** How old what {@code reader} has of {@code writer} was. */
  record Lag(String writer, String reader, long atNanos, double millis) {}

  private final List<RegionEndpoint> regions;
  private final long pauseNanos;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<Failed> failed = new ConcurrentLinkedQueue<>();
  private final Queue<Lag> lags = new ConcurrentLinkedQueue<>();
  private final Map<String, Boolean> keys = new ConcurrentHashMap<>();

  /**
   * Traffic; {@link #start} begins it.
   *
   * @param writesPerSecond of each writer
   */
  Traffic(List<RegionEndpoint> regions, int writesPerSecond) {
    this.regions = List.copyOf(regions);
    this.pauseNanos = TimeUnit.SECONDS.toNanos(1) / writesPerSecond;
  }

  void start(int writersPerRegion) {
    for (int home = 0; home < regions.size(); home++) {
      for (int writer = 0; writer < writersPerRegion; writer++) {
        int at = home;
        String name = regions.get(home).region() + "-" + writer;
        threads.add(Thread.ofVirtual().name("writer-" + name).start(() -> write(name, at)));
      }
      RegionEndpoint beating = regions.get(home);
      threads.add(Thread.ofVirtual().start(() -> beat(beating)));
    }
  }

  private void write(String name, int home) {
    long due = System.nanoTime();
    for (int i = 0; ended.getCount() > 0; i++) {
      boolean contested = i % CONTESTED == 0;
      String id = contested ? "contested-" + i / CONTESTED % CONTESTED : name + "-" + i;
      keys.put(id, contested);
      int turn = 0;
      while (ended.getCount() > 0) {
        RegionEndpoint region = regions.get((home + turn) % regions.size());
        try {
          region.put(id, name + "-" + i);
          acknowledged.add(
              new Acknowledged(id, regions.get(home).region(), region.region(), System.nanoTime()));
          break;
        } catch (IOException e) {
          failed.add(new Failed(region.region(), System.nanoTime()));
          turn++;
          if (turn % regions.size() == 0) {
            pause(pauseNanos);
          }
        }
      }
      due = Math.max(due + pauseNanos, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
      pause(due - System.nanoTime());
    }
  }

  /** Writes the time to a region, and reads in all others how old theirs is. */
  private void beat(RegionEndpoint region) {
    while (ended.getCount() > 0) {
      String id = "beat-" + region.region();
      keys.put(id, true);
      try {
        region.put(id, Long.toString(System.nanoTime()));
      } catch (IOException _) {
        // What the others have of it grows old.
      }
      for (RegionEndpoint other : regions) {
        if (!other.equals(region)) {
          read(region, other, id);
        }
      }
      pause(BEAT.toNanos());
    }
  }

  private void read(RegionEndpoint writer, RegionEndpoint reader, String id) {
    try {
      String item = reader.getSoon(id);
      int at = item.indexOf("\"v\":{\"S\":\"");
      if (at >= 0) {
        int from = at + 10;
        long written = Long.parseLong(item.substring(from, item.indexOf('"', from)));
        long now = System.nanoTime();
        lags.add(new Lag(writer.region(), reader.region(), now, (now - written) / 1e6));
      }
    } catch (IOException _) {
      // The reader is away: nothing can be said of it.
    }
  }

  private void pause(long nanos) {
    try {
      // Whether the traffic has ended is for the loop to see.
      var _ = ended.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  List<Acknowledged> acknowledged() {
    return List.copyOf(acknowledged);
  }

  List<Failed> failed() {
    return List.copyOf(failed);
  }

  List<Lag> lags() {
    return List.copyOf(lags);
  }

  /** Every item that was written, and whether several writers change it. */
  Map<String, Boolean> keys() {
    return Collections.unmodifiableMap(keys);
  }

  /** Ends it; writes that are under way end first. */
  @Override
  public void close() {
    ended.countDown();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
