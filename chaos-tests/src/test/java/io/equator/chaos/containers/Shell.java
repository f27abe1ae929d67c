package io.equator.chaos.containers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of this machine. */
final class Shell {
  /** What it printed, and how it ended; -1 when it took too long. */
  record Result(int exitCode, String output) {
    boolean ok() {
      return exitCode == 0;
    }
  }

  private Shell() {}

  static Result run(long secondsMax, String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("chaos", ".out");
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(secondsMax, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      String text = Files.readString(output, StandardCharsets.UTF_8).strip();
      return new Result(ended ? process.exitValue() : -1, text);
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    } finally {
      Files.deleteIfExists(output);
    }
  }
}
