package io.equator.chaos.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Shifts the wall clock of a process, by the library of Debian's {@code faketime}: it reads the
 * offset from a file of each node, again every second. What counts time only (timeouts, waits)
 * stays right.
 */
final class ClockShift implements NodeClocks {
  private final Path library;
  private final Path folder;

  private ClockShift(Path library, Path folder) {
    this.library = library;
    this.folder = folder;
  }

  /** If the library is on this machine. */
  static Optional<ClockShift> find(Path folder) throws IOException {
    Path libraries = Path.of("/usr/lib");
    if (!Files.isDirectory(libraries)) {
      return Optional.empty();
    }
    try (Stream<Path> platforms = Files.list(libraries)) {
      return platforms
          .map(platform -> platform.resolve("faketime").resolve("libfaketimeMT.so.1"))
          .filter(Files::exists)
          .findFirst()
          .map(library -> new ClockShift(library, folder));
    }
  }

  private Path file(int node) {
    return folder.resolve("clock-" + node);
  }

  /** For the processes of a node, from the start on. */
  Map<String, String> environment(int node) {
    try {
      if (!Files.exists(file(node))) {
        Files.writeString(file(node), "+0\n");
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return Map.of(
        "LD_PRELOAD",
        library.toString(),
        "FAKETIME_TIMESTAMP_FILE",
        file(node).toString(),
        "FAKETIME_CACHE_DURATION",
        "1",
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        // Otherwise it turns waits by the monotonic clock into ones that end at once: a JVM would
        // spin.
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0");
  }

  /** Proved with a process of the same environment. */
  @Override
  public void shift(int node, int seconds) throws Exception {
    Files.writeString(file(node), (seconds < 0 ? "" : "+") + seconds + "\n");
    ProcessBuilder builder = new ProcessBuilder(List.of("date", "+%s")).redirectErrorStream(true);
    Map<String, String> environment = new HashMap<>(environment(node));
    builder.environment().putAll(environment);
    Process date = builder.start();
    String said = new String(date.getInputStream().readAllBytes()).strip();
    if (!date.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("`date` does not end");
    }
    Duration off = Duration.between(Instant.now(), Instant.ofEpochSecond(Long.parseLong(said)));
    if (Math.abs(off.toSeconds() - seconds) > 3) {
      throw new AssertionError("the clock of node " + node + " is off by " + off);
    }
  }
}
