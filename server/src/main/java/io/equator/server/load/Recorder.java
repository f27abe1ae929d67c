package io.equator.server.load;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What one thread has seen in the measured part; merged at the end. One thread at a time. */
final class Recorder {

  private static final long MICROS_MAX = TimeUnit.HOURS.toMicros(1);

  /** How often one kind of error came, and the first of them. */
  record Errors(long count, String example) {}

  private final Map<Operation, Histogram> latencies = new EnumMap<>(Operation.class);
  private final Map<String, Errors> errors = new TreeMap<>();
  private long missing;
  private long unprocessed;
  private long neverSent;

  void answered(Operation operation, long nanos) {
    latencies
        .computeIfAbsent(operation, o -> new Histogram(MICROS_MAX, 3))
        .recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, MICROS_MAX));
  }

  void failed(String kind, String example) {
    errors.merge(kind, new Errors(1, example), (a, b) -> new Errors(a.count + b.count, a.example));
  }

  /** A read that found no item. */
  void foundNothing() {
    missing++;
  }

  /** A batch of which a part was not processed. */
  void partlyProcessed() {
    unprocessed++;
  }

  /**
   * An operation that was due in the measured part and still waited for a connection at its end: it
   * counts with the time that it has waited, which is the least that its latency can be.
   */
  void neverSent(long waitedNanos) {
    neverSent++;
    answeredOverdue(waitedNanos);
  }

  private final Histogram overdue = new Histogram(MICROS_MAX, 3);

  private void answeredOverdue(long waitedNanos) {
    overdue.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(waitedNanos), 0, MICROS_MAX));
  }

  void add(Recorder other) {
    other.latencies.forEach(
        (operation, histogram) ->
            latencies.computeIfAbsent(operation, o -> new Histogram(MICROS_MAX, 3)).add(histogram));
    other.errors.forEach(
        (kind, more) ->
            errors.merge(kind, more, (a, b) -> new Errors(a.count + b.count, a.example)));
    overdue.add(other.overdue);
    missing += other.missing;
    unprocessed += other.unprocessed;
    neverSent += other.neverSent;
  }

  Map<Operation, Histogram> latencies() {
    return latencies;
  }

  /** All operations together, with those that were due and never sent. */
  Histogram total() {
    Histogram total = new Histogram(MICROS_MAX, 3);
    latencies.values().forEach(total::add);
    total.add(overdue);
    return total;
  }

  /** Operations that were answered without an error. */
  long answeredCount() {
    return latencies.values().stream().mapToLong(Histogram::getTotalCount).sum();
  }

  Map<String, Errors> errors() {
    return errors;
  }

  long errorCount() {
    return errors.values().stream().mapToLong(Errors::count).sum();
  }

  long missing() {
    return missing;
  }

  long unprocessed() {
    return unprocessed;
  }

  long neverSent() {
    return neverSent;
  }
}
