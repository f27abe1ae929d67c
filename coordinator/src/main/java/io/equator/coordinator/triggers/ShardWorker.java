package io.equator.coordinator.triggers;

import io.equator.coordinator.streams.StreamFeed;
import io.equator.coordinator.streams.StreamFeed.Event;
import io.equator.coordinator.triggers.CheckpointStore.UnavailableException;
import io.equator.coordinator.triggers.ShardReader.Found;
import io.equator.coordinator.triggers.ShardReader.Load;
import io.equator.coordinator.triggers.core.EventPattern;
import io.equator.model.error.ApiException;
import io.equator.proto.ChangePlace;
import io.equator.proto.EventSourceMappingDescriptor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one shard of one mapping: takes the lease, gathers a load of records, delivers it in
 * lanes, moves the checkpoint behind it, and so on until it is stopped, loses the lease, or the
 * shard ends.
 *
 * <p>One virtual thread, and one more for each lane of the load that is being delivered. It holds
 * one load, which is at most {@link ShardReader#PAYLOAD_BYTES_MAX} bytes.
 */
final class ShardWorker {
  private static final Logger LOG = LoggerFactory.getLogger(ShardWorker.class);
  private static final long POLL_FIRST_MILLIS = 20;

  /** As often as Lambda looks at a shard. */
  private static final long POLL_MAX_MILLIS = 250;

  private static final long TROUBLE_PAUSE_MILLIS = 500;

  /** What the parts of a worker ask about the whole. */
  interface Control {
    /** Whether nothing new is to be begun. */
    boolean isStopping();

    /** Whether the lease is surely held. */
    boolean mayDeliver();

    /** Waits, at most until the worker is stopped. */
    void pause(long millis) throws InterruptedException;

    /** Milliseconds since the epoch. */
    long nowMillis();
  }

  private final EventSourceMappingDescriptor mapping;
  private final long partition;
  private final ShardLease.Seeker seeker;
  private final ShardReader reader;
  private final MappingTarget target;
  private final InstantSource clock;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean over;

  /**
   * A worker that has not started.
   *
   * @param atEnd called when it has ended, whyever
   */
  ShardWorker(
      EventSourceMappingDescriptor mapping,
      long partition,
      ShardLease.Seeker seeker,
      StreamFeed feed,
      MappingTarget target,
      InstantSource clock,
      Runnable atEnd) {
    this.mapping = mapping;
    this.partition = partition;
    this.seeker = seeker;
    this.reader =
        new ShardReader(
            feed,
            mapping.getEventSourceArn(),
            partition,
            mapping.getFilterPatternsList().stream()
                .map(text -> EventPattern.parse(text).orElseThrow())
                .toList(),
            mapping.getBatchSize() * mapping.getParallelizationFactor());
    this.target = target;
    this.clock = clock;
    this.thread =
        Thread.ofVirtual()
            .name("trigger-" + mapping.getUuid() + "-" + partition)
            .unstarted(
                () -> {
                  try {
                    run();
                  } finally {
                    atEnd.run();
                  }
                });
  }

  void start() {
    thread.start();
  }

  /** Asks it to end: a call of the function that is under way is waited for, nothing is begun. */
  void stop() {
    stopped.countDown();
  }

  /** Ends it now, in the middle of a call if need be. */
  void interrupt() {
    stopped.countDown();
    thread.interrupt();
  }

  /** Waits for its end; false when that takes longer. */
  boolean join(Duration limit) throws InterruptedException {
    return thread.join(limit);
  }

  /** Whether the shard has ended and is delivered to its end. */
  boolean isOver() {
    return over;
  }

  private boolean isStopping() {
    return stopped.getCount() == 0;
  }

  private void pause(long millis) throws InterruptedException {
    var _ = stopped.await(Math.max(millis, 0), TimeUnit.MILLISECONDS);
  }

  private void run() {
    try {
      while (!isStopping() && !over) {
        try {
          Optional<ShardLease> lease = seeker.attempt(System.nanoTime());
          if (lease.isPresent()) {
            work(lease.get());
          } else {
            pause(TROUBLE_PAUSE_MILLIS);
          }
        } catch (UnavailableException | ApiException e) {
          LOG.warn(
              "mapping {}, partition {}: tried again: {}",
              mapping.getUuid(),
              partition,
              e.getMessage());
          pause(TROUBLE_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("mapping {}, partition {}: the worker failed", mapping.getUuid(), partition, e);
    }
  }

  /** Works while the lease is held. */
  private void work(ShardLease lease) throws InterruptedException {
    boolean held = true;
    try {
      while (held && !isStopping() && !over) {
        Load load = new Load(lease.next());
        Optional<Found> found = gather(load, lease);
        held = found.isPresent();
        if (held && !load.events().isEmpty()) {
          held = deliver(load, lease);
          if (held && !lease.next().equals(load.next())) {
            // A lane has ended early; what is left is gathered again.
            pause(TROUBLE_PAUSE_MILLIS);
            continue;
          }
        }
        if (held && found.get() == Found.END && !isStopping()) {
          held = keep(lease, load.next(), "");
          over = held;
        }
      }
    } finally {
      if (held) {
        // Also after an interrupt, which would end the call that gives the lease away.
        boolean interrupted = Thread.interrupted();
        try {
          lease.release(System.nanoTime());
        } catch (UnavailableException e) {
          LOG.debug("a lease could not be given away, it will run out", e);
        }
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    if (!held) {
      LOG.info("mapping {}, partition {}: somebody else has it", mapping.getUuid(), partition);
    }
  }

  private boolean keep(ShardLease lease, ChangePlace next, String result) {
    return lease.keep(next, result, clock.millis(), System.nanoTime());
  }

  /**
   * Gathers a load: until it is full, the window is over, or, without a window, all there is has
   * been read. Ends with an empty load only when it is stopped or the shard ends.
   *
   * @return how reading ended; empty when the lease was lost
   */
  private Optional<Found> gather(Load load, ShardLease lease) throws InterruptedException {
    long pause = POLL_FIRST_MILLIS;
    long windowEnd = 0;
    while (true) {
      boolean wasEmpty = load.events().isEmpty();
      Found found = reader.read(load);
      if (load.takeTrimmed()) {
        LOG.warn(
            "mapping {}, partition {}: records older than the stream keeps are lost to it",
            mapping.getUuid(),
            partition);
      }
      if (found == Found.NOTHING && !keepDue(lease, load, Results.NO_STREAM)) {
        return Optional.empty();
      }
      boolean empty = load.events().isEmpty();
      if (wasEmpty && !empty) {
        windowEnd =
            System.nanoTime() + Duration.ofSeconds(mapping.getBatchingWindowSeconds()).toNanos();
      }
      boolean complete =
          switch (found) {
            case FULL, END -> true;
            case ALL, MORE, NOTHING ->
                !empty && found != Found.MORE && System.nanoTime() - windowEnd >= 0;
          };
      if (complete || isStopping()) {
        return Optional.of(found);
      }
      if (!keepDue(lease, load, "")) {
        return Optional.empty();
      }
      if (found != Found.MORE) {
        long left = (windowEnd - System.nanoTime()) / 1_000_000;
        pause(empty ? pause : Math.clamp(left, 1, pause));
        pause = Math.min(2 * pause, POLL_MAX_MILLIS);
      }
    }
  }

  /** Renews the lease when it is time to; what was filtered out so far is done with. */
  private boolean keepDue(ShardLease lease, Load load, String result) {
    if (!lease.isDue(System.nanoTime())) {
      return true;
    }
    return keep(lease, load.events().isEmpty() ? load.next() : lease.next(), result);
  }

  /** Delivers a load; false when the lease was lost. */
  private boolean deliver(Load load, ShardLease lease) throws InterruptedException {
    List<Lane> lanes = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    Control control = control(lease);
    for (List<Event> events : split(load.events())) {
      Lane lane = new Lane(target, mapping, control, load.shardId(), events);
      lanes.add(lane);
      threads.add(Thread.ofVirtual().name(thread.getName() + "-lane").start(lane));
    }
    try {
      for (Thread one : threads) {
        while (!one.join(ShardLease.RENEW_EVERY)) {
          if (!renew(lease, lanes, load)) {
            return false;
          }
        }
      }
      return keep(lease, reached(lanes, load), result(lanes));
    } finally {
      threads.forEach(Thread::interrupt);
      for (Thread one : threads) {
        joinUninterrupted(one);
      }
    }
  }

  /** Renews the lease in the middle of a delivery. */
  private boolean renew(ShardLease lease, List<Lane> lanes, Load load) throws InterruptedException {
    try {
      return keep(lease, reached(lanes, load), result(lanes));
    } catch (UnavailableException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      // The lanes begin nothing once the lease has run out; it is tried again until then and after.
      LOG.warn("mapping {}, partition {}: {}", mapping.getUuid(), partition, e.getMessage());
      return true;
    }
  }

  private static void joinUninterrupted(Thread one) {
    boolean interrupted = false;
    while (one.isAlive()) {
      try {
        one.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Control control(ShardLease lease) {
    return new Control() {
      @Override
      public boolean isStopping() {
        return ShardWorker.this.isStopping();
      }

      @Override
      public boolean mayDeliver() {
        return lease.isValid(System.nanoTime());
      }

      @Override
      public void pause(long millis) throws InterruptedException {
        ShardWorker.this.pause(millis);
      }

      @Override
      public long nowMillis() {
        return clock.millis();
      }
    };
  }

  /** Records of one partition key stay together, in their order. */
  private List<List<Event>> split(List<Event> events) {
    int count = mapping.getParallelizationFactor();
    List<List<Event>> lanes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lanes.add(new ArrayList<>());
    }
    for (Event event : events) {
      lanes.get(Math.floorMod(event.partitionKeyHash(), count)).add(event);
    }
    lanes.removeIf(List::isEmpty);
    return lanes;
  }

  /** Where everything before is done with: the first record that is not, in any lane. */
  private static ChangePlace reached(List<Lane> lanes, Load load) {
    ChangePlace reached = load.next();
    for (Lane lane : lanes) {
      Optional<ChangePlace> unfinished = lane.unfinished();
      if (unfinished.isPresent() && ShardLease.compare(unfinished.get(), reached) < 0) {
        reached = unfinished.get();
      }
    }
    return reached;
  }

  /** The worst of the lanes. */
  private static String result(List<Lane> lanes) {
    String worst = "";
    for (Lane lane : lanes) {
      if (worst.isEmpty() || lane.result().equals(Results.FUNCTION_FAILED)) {
        worst = lane.result();
      }
    }
    return worst;
  }
}
