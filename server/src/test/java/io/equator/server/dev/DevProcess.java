package io.equator.server.dev;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code equator dev} in a process of its own, as a user runs it. */
final class DevProcess implements AutoCloseable {

  private static final long READY_WITHIN_SECONDS = 120;
  private static final long END_WITHIN_SECONDS = 60;

  private final Process process;
  private final Thread reader;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private DevProcess(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  static DevProcess start(String... arguments) throws IOException {
    return start(List.of(), arguments);
  }

  /** The same, with more flags for Java. */
  static DevProcess start(List<String> flags, String... arguments) throws IOException {
    List<String> words = new ArrayList<>(List.of("dev"));
    words.addAll(List.of(arguments));
    return run(flags, words);
  }

  /** Another command of the program that says when it is ready; its endpoint is not known. */
  static DevProcess run(String... words) throws IOException {
    return run(List.of(), List.of(words));
  }

  private static DevProcess run(List<String> flags, List<String> words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1"));
    command.addAll(flags);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.equator.server.Main"));
    command.addAll(words);
    return new DevProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    String url = "";
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
        if (line.strip().startsWith("endpoint ")) {
          url = line.strip().substring("endpoint".length()).strip();
        }
        if (line.strip().startsWith("Ready: ")) {
          ready.complete(url);
        }
      }
    } catch (IOException e) {
      ready.completeExceptionally(new UncheckedIOException(e));
    }
    ready.completeExceptionally(new IllegalStateException("it ended:\n" + output()));
  }

  /** Waits until it says that it is ready; its endpoint. */
  String awaitReady() throws Exception {
    return ready.get(READY_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  /** SIGKILL: no handler runs, nothing is flushed. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    reader.join();
  }

  /** SIGTERM, as from Ctrl-C; its exit code. */
  int stop() throws InterruptedException {
    // The handle's destroy, because the process's own closes its output before it has been read.
    process.toHandle().destroy();
    return awaitExit();
  }

  int awaitExit() throws InterruptedException {
    if (!process.waitFor(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("it did not end:\n" + output());
    }
    reader.join();
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  /** Everything that it has printed. */
  String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
