package io.equator.server.load;

import io.equator.server.Refusal;
import io.equator.server.load.LoadResult.ServerFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One workload against one endpoint, from filling the table to the figures. */
final class LoadRun {

  private final LoadPlan plan;
  private final AtomicLong nextNewRecord;

  LoadRun(LoadPlan plan) {
    this.plan = plan;
    this.nextNewRecord = new AtomicLong(plan.records());
  }

  /** Puts every record into the table, as fast as the server takes them. */
  Duration fill() {
    long begun = System.nanoTime();
    AtomicLong nextRecord = new AtomicLong();
    runDrivers(
        Timeline.open(begun),
        0,
        (requests, thread) -> Traffic.filling(requests, plan, nextRecord),
        null);
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** Warms up, measures, and waits for what is still on its way. */
  LoadResult measure() {
    Instant startedAt = Instant.now();
    Timeline timeline = Timeline.startingAt(System.nanoTime(), plan.warmup(), plan.duration());
    Meters meters = new Meters(timeline);
    Recorder recorder =
        runDrivers(
            timeline, plan.ratePerSecond(), (requests, thread) -> Traffic.mixed(requests), meters);
    return new LoadResult(
        plan, startedAt, plan.duration(), recorder, meters.clientCpu, meters.server());
  }

  private Recorder runDrivers(
      Timeline timeline,
      double ratePerSecond,
      BiFunction<Requests, Integer, Traffic> traffic,
      @Nullable Runnable beside) {
    List<Driver> drivers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    KeyChooser keys = plan.distribution().over(plan.records());
    SplittableRandom random = new SplittableRandom(plan.seed());
    for (int i = 0; i < plan.threads(); i++) {
      Requests requests = new Requests(plan, keys, random.split(), nextNewRecord);
      int connections =
          plan.connections() / plan.threads() + (i < plan.connections() % plan.threads() ? 1 : 0);
      Driver driver =
          new Driver(
              plan,
              traffic.apply(requests, i),
              timeline,
              connections,
              ratePerSecond / plan.threads(),
              requests.sizeMax());
      drivers.add(driver);
      threads.add(Thread.ofPlatform().name("load-" + i).start(driver));
    }
    if (beside != null) {
      beside.run();
    }
    threads.forEach(LoadRun::join);
    Recorder all = new Recorder();
    for (Driver driver : drivers) {
      if (driver.givenUp() != null) {
        throw new Refusal("the run was given up: " + driver.givenUp() + ".");
      }
      all.add(driver.recorder());
    }
    return all;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted.", e);
    }
  }

  /** Reads the processes' meters at both ends of the measured part. */
  private final class Meters implements Runnable {

    private final Timeline timeline;
    private final @Nullable ProcessMeter meter;
    private Duration clientCpu = Duration.ZERO;
    private Duration serverCpu = Duration.ZERO;

    Meters(Timeline timeline) {
      this.timeline = timeline;
      this.meter =
          plan.serverPid().isPresent() ? new ProcessMeter(plan.serverPid().getAsLong()) : null;
    }

    @Override
    public void run() {
      waitUntil(timeline.measureFrom());
      Duration clientBefore = ownCpu();
      Duration serverBefore = meter == null ? Duration.ZERO : meter.cpuTime();
      waitUntil(timeline.measureUntil());
      clientCpu = ownCpu().minus(clientBefore);
      serverCpu = meter == null ? Duration.ZERO : meter.cpuTime().minus(serverBefore);
    }

    Optional<ServerFigures> server() {
      return meter == null
          ? Optional.empty()
          : Optional.of(
              new ServerFigures(
                  plan.serverPid().getAsLong(),
                  serverCpu,
                  meter.residentBytes(),
                  meter.residentBytesPeak()));
    }

    private static Duration ownCpu() {
      return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static void waitUntil(long nanoTime) {
      for (long left = nanoTime - System.nanoTime();
          left > 0;
          left = nanoTime - System.nanoTime()) {
        LockSupport.parkNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
        if (Thread.interrupted()) {
          throw new Refusal("interrupted.");
        }
      }
    }
  }
}
