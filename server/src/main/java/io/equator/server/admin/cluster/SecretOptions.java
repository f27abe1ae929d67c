package io.equator.server.admin.cluster;

import io.equator.server.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Of a secret that lets somebody in, once: how long it is good, and where it goes. */
final class SecretOptions {
  private static final int HOURS_MAX = 24 * 30;

  @Option(
      names = "--hours",
      defaultValue = "24",
      paramLabel = "N",
      description = "How long it may be used (default ${DEFAULT-VALUE}).")
  private int hours;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Write it into a file that is not there yet, instead of printing it.")
  private @Nullable Path file;

  /** How long it may be used. */
  Duration lifetime() {
    if (hours < 1 || hours > HOURS_MAX) {
      throw new Refusal("--hours must be from 1 to " + HOURS_MAX + ", was " + hours + ".");
    }
    return Duration.ofHours(hours);
  }

  /** Null: it is printed. */
  @Nullable Path file() {
    return file;
  }
}
