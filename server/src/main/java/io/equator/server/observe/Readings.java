package io.equator.server.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures that are read at each scrape, as meters of a registry.
 *
 * <p>A row (a metric with label values) begins when a source first says it, and ends with the first
 * scrape at which no source does: a partition that has moved away leaves no figure behind that
 * looks alive. Used by one thread at a time.
 */
final class Readings {

  private record Row(Metric metric, List<String> labels) {}

  private static final class Figure {
    private volatile double value;
    private long round;

    double value() {
      return value;
    }
  }

  private record Registered(Figure figure, Meter meter) {}

  private final MeterRegistry registry;
  private final Map<Row, Registered> rows = new HashMap<>();
  private long round;

  Readings(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A scrape begins. */
  void begin() {
    round++;
  }

  /** Says one figure; {@code labels} are the values of the metric's labels, in their order. */
  void set(Metric metric, double value, String... labels) {
    Registered row =
        rows.computeIfAbsent(new Row(metric, List.of(labels)), key -> register(key, new Figure()));
    row.figure.value = value;
    row.figure.round = round;
  }

  /** The same for a whole number, which is exact up to 2^53. */
  void set(Metric metric, long value, String... labels) {
    set(metric, (double) value, labels);
  }

  private Registered register(Row row, Figure figure) {
    Metric metric = row.metric();
    Tags tags = metric.tags(row.labels());
    Meter meter =
        switch (metric.kind()) {
          case GAUGE ->
              Gauge.builder(metric.meterName(), figure, Figure::value)
                  .description(metric.help())
                  .tags(tags)
                  .register(registry);
          case COUNTER ->
              FunctionCounter.builder(metric.meterName(), figure, Figure::value)
                  .description(metric.help())
                  .tags(tags)
                  .register(registry);
          case HISTOGRAM ->
              throw new IllegalArgumentException(metric + " is recorded where it happens");
        };
    return new Registered(figure, meter);
  }

  /** All sources have spoken: what none of them said goes. */
  void end() {
    rows.values()
        .removeIf(
            row -> {
              boolean gone = row.figure.round != round;
              if (gone) {
                registry.remove(row.meter);
              }
              return gone;
            });
  }
}
