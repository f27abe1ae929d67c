package io.equator.server.serve;

import io.equator.server.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A cluster of real processes on this machine, made and looked after by the operator's commands.
 */
final class ClusterProcesses implements AutoCloseable {
  private static final long READY_WITHIN_SECONDS = 180;

  /** Between two looks; a cluster that is watched too closely has less time for its work. */
  private static final long LOOK_MILLIS = 500;

  private final Path folder;
  private final String more;
  private final Map<Integer, Node> nodes = new LinkedHashMap<>();

  /** What a command came to. */
  record Outcome(int exitCode, String output) {}

  private record Node(Path config, int apiPort, Optional<Running> running) {}

  /**
   * @param more lines for every node's configuration
   */
  ClusterProcesses(Path folder, String more) {
    this.folder = folder;
    this.more = more;
  }

  /** Founds the cluster and starts its first node. */
  void found() throws Exception {
    configure(1);
    Outcome made = admin(1, "init");
    if (made.exitCode != 0) {
      throw new IllegalStateException(made.output);
    }
    start(1, Map.of());
  }

  /** Lets a node in that has a number of its own, and starts it. */
  void join(int number) throws Exception {
    configure(number);
    Outcome token = admin(1 == number ? 2 : firstRunning(), "token");
    if (token.exitCode != 0) {
      throw new IllegalStateException(token.output);
    }
    start(number, Map.of("EQUATOR_JOIN_TOKEN", token.output.strip()));
  }

  private int firstRunning() {
    return nodes.entrySet().stream()
        .filter(node -> node.getValue().running.isPresent())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private void configure(int number) throws IOException {
    int[] ports = freePorts(3);
    int seed = number == 1 ? ports[1] : servicePort(1);
    Path config = folder.resolve("node-" + number + ".yaml");
    Files.writeString(
        config,
        """
        node:
          id: node-%d
          data: %s
        api:
          host: 127.0.0.1
          port: %d
        internal:
          host: 127.0.0.1
          port: %d
          raft-port: %d
          advertise: 127.0.0.1
        join:
          seeds: ["127.0.0.1:%d"]
        %s
        """
            .formatted(
                number,
                folder.resolve("node-" + number),
                ports[0],
                ports[1],
                ports[2],
                seed,
                more));
    nodes.put(number, new Node(config, ports[0], Optional.empty()));
  }

  private int servicePort(int number) throws IOException {
    for (String line : Files.readAllLines(node(number).config)) {
      if (line.startsWith("  port: ") && !line.endsWith(": " + node(number).apiPort)) {
        return Integer.parseInt(line.substring("  port: ".length()));
      }
    }
    throw new IllegalStateException("node " + number + " has no port");
  }

  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private Node node(int number) {
    return Optional.ofNullable(nodes.get(number)).orElseThrow();
  }

  int apiPort(int number) {
    return node(number).apiPort;
  }

  List<Integer> apiPorts() {
    return nodes.values().stream().map(Node::apiPort).toList();
  }

  /** Starts a node, and waits until it is ready. */
  void start(int number, Map<String, String> environment) throws Exception {
    Running running =
        new Running(command("serve", "--config", node(number).config.toString()), environment);
    nodes.put(number, new Node(node(number).config, node(number).apiPort, Optional.of(running)));
    running.ready.get(READY_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  /** SIGKILL. */
  void kill(int number) throws Exception {
    node(number).running.orElseThrow().process.destroyForcibly().waitFor();
    nodes.put(number, new Node(node(number).config, node(number).apiPort, Optional.empty()));
  }

  /** SIGTERM; its exit code. */
  int stop(int number) throws Exception {
    Process process = node(number).running.orElseThrow().process;
    process.toHandle().destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("node " + number + " did not end");
    }
    nodes.put(number, new Node(node(number).config, node(number).apiPort, Optional.empty()));
    return process.exitValue();
  }

  /** An operator's command, run where a node is; in this process, which has warmed up. */
  Outcome admin(int at, String... arguments) {
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
  void awaitHealth(int at) throws Exception {
    awaitOutput(
        at,
        output -> output.contains("\"amiss\" : [ ]") && output.contains("\"moving\" : 0"),
        "status",
        "--output",
        "json");
  }

  /** A question about what a command prints. */
  interface Question {
    boolean holds(String output);
  }

  /** Runs a command again and again until what it prints is as wanted. */
  void awaitOutput(int at, Question question, String... arguments) throws Exception {
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
  String output(int number) {
    return node(number).running.map(Running::text).orElse("");
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.equator.server.Main"));
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

    Running(List<String> command, Map<String, String> environment) throws IOException {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      process = builder.start();
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader out = process.inputReader()) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          lines.add(line);
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
