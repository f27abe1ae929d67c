package io.equator.server.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;

/** Histograms of durations, all with the same buckets. */
final class Durations {

  /** Upper bounds of the buckets: three for each power of ten, from 100 µs to 10 s. */
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private Durations() {}

  /** A histogram of this metric with these values of its labels. */
  static Timer timer(Metric metric, List<String> labels, MeterRegistry registry) {
    return Timer.builder(metric.meterName())
        .description(metric.help())
        .tags(metric.tags(labels))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
