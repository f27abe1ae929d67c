package io.equator.server.load;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one run has measured.
 *
 * @param measured length of the measured part
 * @param clientCpu CPU time of this process in it
 * @param server CPU time and memory of the server, when its process was named
 */
record LoadResult(
    LoadPlan plan,
    Instant startedAt,
    Duration measured,
    Recorder recorder,
    Duration clientCpu,
    Optional<ServerFigures> server) {

  record ServerFigures(
      long pid, Duration cpu, OptionalLong residentBytes, OptionalLong residentBytesPeak) {}

  double operationsPerSecond() {
    return recorder.answeredCount() / seconds(measured);
  }

  /** Operations for each second of the server's CPU time. */
  double operationsPerCpuSecond(ServerFigures figures) {
    return recorder.answeredCount() / Math.max(1e-9, seconds(figures.cpu));
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
