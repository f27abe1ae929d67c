package io.equator.server.serve;

import io.equator.server.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A cluster of real processes on this machine, made and looked after by the operator's commands.
 */
public final class ClusterProcesses implements AutoCloseable {
  private static final long READY_WITHIN_SECONDS = 180;

  /** Between two looks; a cluster that is watched too closely has less time for its work. */
  private static final long LOOK_MILLIS = 500;

  private final Path folder;
  private final String more;
  private final ProcessLayout layout;
  private final Map<Integer, Node> nodes = new LinkedHashMap<>();

  /** What a command came to. */
  public record Outcome(int exitCode, String output) {}

  private record Node(Path config, Optional<Running> running) {}

  /**
   * Nodes on 127.0.0.1.
   *
   * @param more lines for every node's configuration
   */
  ClusterProcesses(Path folder, String more) {
    this(folder, more, new OwnPorts(folder));
  }

  /**
   * No node yet.
   *
   * @param folder for the configurations
   * @param more lines for every node's configuration
   */
  public ClusterProcesses(Path folder, String more, ProcessLayout layout) {
    this.folder = folder;
    this.more = more;
    this.layout = layout;
  }

  /**
   * Founds the cluster and starts its first node.
   *
   * @return what was printed when it was founded
   */
  public String found() throws Exception {
    configure(1);
    Outcome made = admin(1, "init");
    if (made.exitCode != 0) {
      throw new IllegalStateException(made.output);
    }
    start(1, Map.of());
    return made.output;
  }

  /** Lets a node in that has a number of its own, and starts it. */
  public void join(int number) throws Exception {
    configure(number);
    start(number, Map.of("EQUATOR_JOIN_TOKEN", token(1 == number ? 2 : firstRunning())));
  }

  /**
   * A token that lets one node in, made where a node is that has the root's key. On a busy machine
   * the catalog may not answer at once.
   */
  public String token(int at) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_WITHIN_SECONDS);
    Outcome token = admin(at, "token");
    while (token.exitCode != 0) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(token.output);
      }
      token = admin(at, "token");
    }
    return token.output.strip();
  }

  private int firstRunning() {
    return nodes.entrySet().stream()
        .filter(node -> node.getValue().running.isPresent())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private void configure(int number) throws IOException {
    ProcessLayout.Addresses at = layout.addresses(number);
    ProcessLayout.Addresses seed = layout.addresses(1);
    Path config = folder.resolve("node-" + number + ".yaml");
    Files.writeString(
        config,
        """
        node:
          id: node-%d
          data: %s
        api:
          host: %s
          port: %d
          auth: any
        internal:
          host: %s
          port: %d
          raft-port: %d
          advertise: %s
        join:
          seeds: ["%s:%d"]
        %s
        """
            .formatted(
                number,
                layout.data(number),
                at.host(),
                at.apiPort(),
                at.host(),
                at.servicePort(),
                at.raftPort(),
                at.advertise(),
                seed.advertise(),
                seed.servicePort(),
                more));
    nodes.put(number, new Node(config, Optional.empty()));
  }

  private Node node(int number) {
    return Optional.ofNullable(nodes.get(number)).orElseThrow();
  }

  int apiPort(int number) {
    return layout.addresses(number).apiPort();
  }

  List<Integer> apiPorts() {
    return nodes.keySet().stream().map(this::apiPort).toList();
  }

  /** Starts a node, and waits until it is ready. */
  public void start(int number, Map<String, String> environment) throws Exception {
    launch(number, environment);
    awaitReady(number);
  }

  /** Starts a node, and does not wait for it. */
  public void launch(int number, Map<String, String> environment) throws IOException {
    Map<String, String> all = new HashMap<>(layout.environment(number));
    all.putAll(environment);
    Running running =
        new Running(
            command("serve", "--config", node(number).config.toString()), all, layout.log(number));
    nodes.put(number, new Node(node(number).config, Optional.of(running)));
  }

  /** Waits until a node that was launched is ready. */
  public void awaitReady(int number) throws Exception {
    node(number).running.orElseThrow().ready.get(READY_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  /** The process of a node that runs. */
  public ProcessHandle process(int number) {
    return node(number).running.orElseThrow().process.toHandle();
  }

  /** Whether a node's process was started, and neither stopped nor killed here. */
  public boolean runs(int number) {
    return nodes.containsKey(number) && node(number).running.isPresent();
  }

  /** SIGKILL. */
  public void kill(int number) throws Exception {
    node(number).running.orElseThrow().process.destroyForcibly().waitFor();
    nodes.put(number, new Node(node(number).config, Optional.empty()));
  }

  /** SIGTERM; its exit code. */
  public int stop(int number) throws Exception {
    Process process = node(number).running.orElseThrow().process;
    process.toHandle().destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("node " + number + " did not end");
    }
    nodes.put(number, new Node(node(number).config, Optional.empty()));
    return process.exitValue();
  }

  /** An operator's command, run where a node is; in this process, which has warmed up. */
  public Outcome admin(int at, String... arguments) {
    List<String> all = new ArrayList<>(List.of("admin"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--config", node(at).config.toString()));
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output);
    int exitCode =
        Main.commandLine().setOut(printer).setErr(printer).execute(all.toArray(String[]::new));
    return new Outcome(exitCode, output.toString());
  }

  /** Asks until the cluster says that nothing is amiss and nothing is under way. */
  public void awaitHealth(int at) throws Exception {
    awaitOutput(
        at,
        output -> output.contains("\"amiss\" : [ ]") && output.contains("\"moving\" : 0"),
        "status",
        "--output",
        "json");
  }

  /** A question about what a command prints. */
  public interface Question {
    boolean holds(String output);
  }

  /** Runs a command again and again until what it prints is as wanted. */
  public void awaitOutput(int at, Question question, String... arguments) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_WITHIN_SECONDS);
    String last = "";
    while (System.nanoTime() - end < 0) {
      last = admin(at, arguments).output;
      if (question.holds(last)) {
        return;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    StringBuilder all = new StringBuilder();
    nodes
        .keySet()
        .forEach(
            number ->
                all.append("\n---- node ").append(number).append('\n').append(output(number)));
    throw new AssertionError(String.join(" ", arguments) + " says at last: " + last + all);
  }

  /** Everything that a node's process has printed since its last start. */
  public String output(int number) {
    return node(number).running.map(Running::text).orElse("");
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(layout.program());
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public void close() {
    nodes.values().forEach(node -> node.running.ifPresent(one -> one.process.destroyForcibly()));
  }

  private static final class Running {
    final Process process;
    final CompletableFuture<String> ready = new CompletableFuture<>();
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    private final Optional<Path> log;

    Running(List<String> command, Map<String, String> environment, Optional<Path> log)
        throws IOException {
      this.log = log;
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      process = builder.start();
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader out = process.inputReader();
          Writer file =
              log.isEmpty()
                  ? Writer.nullWriter()
                  : Files.newBufferedWriter(
                      log.get(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          lines.add(line);
          file.write(line + "\n");
          file.flush();
          if (line.startsWith("Ready: ")) {
            ready.complete(line);
          }
        }
      } catch (IOException e) {
        ready.completeExceptionally(new UncheckedIOException(e));
      }
      ready.completeExceptionally(new IllegalStateException("it ended:\n" + text()));
    }

    String text() {
      synchronized (lines) {
        return String.join("\n", lines);
      }
    }
  }
}
