package io.equator.server.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * CPU time and memory of another process on this machine.
 *
 * <p>Operations per second of server CPU time are the steadiest figure on a shared machine:
 * throughput changes with the neighbours, the work of an operation does not.
 */
final class ProcessMeter {

  private final long pid;
  private final ProcessHandle process;

  ProcessMeter(long pid) {
    this.pid = pid;
    this.process =
        ProcessHandle.of(pid)
            .orElseThrow(() -> new IllegalArgumentException("--server-pid: no process " + pid));
    cpuTime();
  }

  /** User and system time since the process began, in the kernel's ticks (10 ms on Linux). */
  Duration cpuTime() {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--server-pid: the CPU time of process " + pid + " cannot be read"));
  }

  /** Resident bytes now; empty where /proc does not say. */
  OptionalLong residentBytes() {
    return statusBytes("VmRSS:");
  }

  /** The most that was ever resident; empty where /proc does not say. */
  OptionalLong residentBytesPeak() {
    return statusBytes("VmHWM:");
  }

  private OptionalLong statusBytes(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith(field)) {
          String kilobytes = line.substring(field.length()).replace("kB", "").strip();
          return OptionalLong.of(Long.parseLong(kilobytes) * 1024);
        }
      }
    } catch (IOException e) {
      // No /proc here.
    }
    return OptionalLong.empty();
  }
}
