package io.equator.server.observe;

import io.equator.coordinator.api.RequestObserver;
import io.equator.model.error.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts the answered requests and times them.
 *
 * <p>On the way of every request, so it looks meters up in maps of its own, by the very strings of
 * the request, and asks the registry only when it sees something new.
 */
final class RequestMetrics implements RequestObserver, MetricSource {

  private record Row(String table, @Nullable ErrorCode error) {}

  private final MeterRegistry registry;
  private final TableLabels tables;
  private final Map<String, OfOperation> operations = new ConcurrentHashMap<>();

  RequestMetrics(MeterRegistry registry, TableLabels tables) {
    this.registry = registry;
    this.tables = tables;
  }

  /** The meters of one operation. */
  private final class OfOperation {
    private final String name;
    private final Timer duration;

    /** Successes by the table's name as sent; only names that are labels, so it is bounded. */
    private final Map<String, Counter> successes = new ConcurrentHashMap<>();

    /** By label. */
    private final Map<Row, Counter> counters = new ConcurrentHashMap<>();

    OfOperation(String name) {
      this.name = name;
      this.duration = Durations.timer(Metric.REQUEST_DURATION, List.of(name), registry);
    }

    void record(Answered request) {
      duration.record(request.nanos(), TimeUnit.NANOSECONDS);
      String sent = request.table();
      Counter known = request.error() == null && sent != null ? successes.get(sent) : null;
      if (known != null) {
        known.increment();
        return;
      }
      String label = tables.of(sent);
      Counter counter = counter(label, request.error());
      counter.increment();
      if (request.error() == null && label.equals(sent)) {
        successes.put(sent, counter);
      }
    }

    private Counter counter(String label, @Nullable ErrorCode error) {
      return counters.computeIfAbsent(new Row(label, error), this::register);
    }

    private Counter register(Row row) {
      ErrorCode error = row.error();
      return Counter.builder(Metric.REQUESTS.meterName())
          .description(Metric.REQUESTS.help())
          .tags(
              Metric.REQUESTS.tags(
                  List.of(
                      name,
                      row.table(),
                      Outcome.of(error).label(),
                      error == null ? "" : error.code())))
          .register(registry);
    }

    /** What was counted for these tables goes to the others, so that sums stay right. */
    void forget(Set<String> labels) {
      successes.keySet().removeAll(labels);
      for (Row row : List.copyOf(counters.keySet())) {
        Counter counted = labels.contains(row.table()) ? counters.remove(row) : null;
        if (counted != null) {
          counter(TableLabels.OTHER, row.error()).increment(counted.count());
          registry.remove(counted);
        }
      }
    }
  }

  @Override
  public void answered(Answered request) {
    OfOperation operation = operations.get(request.operation());
    if (operation == null) {
      operation = operations.computeIfAbsent(request.operation(), OfOperation::new);
    }
    operation.record(request);
  }

  /** Takes the labels of deleted tables away. */
  @Override
  public void read(Readings to) {
    Set<String> gone = tables.forgetDeleted();
    if (!gone.isEmpty()) {
      operations.values().forEach(operation -> operation.forget(gone));
    }
  }
}
