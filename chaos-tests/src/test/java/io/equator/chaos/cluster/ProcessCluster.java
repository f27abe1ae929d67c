package io.equator.chaos.cluster;

import io.equator.server.serve.ClusterProcesses;
import io.equator.server.serve.ProcessLayout;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Processes of the packaged program on this machine. Each node has two addresses of the loopback
 * network: one at which it listens, and one that it advertises, which is a door of {@link Links}.
 */
public final class ProcessCluster implements Cluster, ProcessLayout {
  private static final int API_PORT = 8000;
  private static final int SERVICE_PORT = 7000;
  private static final int RAFT_PORT = 7001;
  private static final int NODES_MAX = 90;

  private final Path folder;
  private final Path logs;
  private final LoopbackBlock block;
  private final ClusterProcesses processes;
  private final Links links;
  private final Optional<ClockShift> clocks;
  private final Set<Integer> made = new TreeSet<>();
  private int last;
  private final Optional<MountedDisks> disks;
  private final Map<Integer, Path> placed = new HashMap<>();
  private final Map<Integer, Map<String, String>> environments = new HashMap<>();

  /**
   * Founds a cluster of so many nodes.
   *
   * @param configuration more lines for every node's configuration
   */
  public static ProcessCluster start(Path folder, int nodes, String configuration)
      throws Exception {
    return started(new ProcessCluster(folder, configuration), nodes);
  }

  /**
   * The same, each node on a small disk of its own that can be filled, where this machine permits
   * to mount them.
   */
  public static ProcessCluster startOnSmallDisks(Path folder, int nodes, String configuration)
      throws Exception {
    Optional<MountedDisks> disks = MountedDisks.make(folder);
    String limits = disks.map(MountedDisks::configuration).orElse("");
    return started(new ProcessCluster(folder, configuration + limits, disks), nodes);
  }

  private static ProcessCluster started(ProcessCluster cluster, int nodes) throws Exception {
    try {
      cluster.found();
      for (int node = 2; node <= nodes; node++) {
        cluster.join(node);
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  /** A cluster without nodes, for those that need to say where a node's folder is. */
  public ProcessCluster(Path folder, String configuration) throws IOException {
    this(folder, configuration, Optional.empty());
  }

  private ProcessCluster(Path folder, String configuration, Optional<MountedDisks> disks)
      throws IOException {
    this.folder = folder;
    this.disks = disks;
    this.logs =
        Files.createDirectories(
            Path.of(System.getProperty("chaos.logs", folder.toString()))
                .resolve(folder.getFileName()));
    this.clocks = ClockShift.find(folder);
    this.block = LoopbackBlock.claim();
    this.processes = new ClusterProcesses(folder, configuration, this);
    this.links = new Links(new ConnectionSource(this::pids));
  }

  /** The process of each node that runs. */
  Map<Integer, Long> pids() {
    Map<Integer, Long> pids = new LinkedHashMap<>();
    for (int node : nodes()) {
      if (processes.runs(node)) {
        pids.put(node, processes.process(node).pid());
      }
    }
    return pids;
  }

  /** Puts a node's files elsewhere; before it is made. */
  public void disk(int node, Path disk) {
    placed.put(node, disk);
  }

  /** Adds to the environment of a node's processes; before they start. */
  public void environment(int node, Map<String, String> more) {
    environments.put(node, more);
  }

  /** Makes the first node. */
  public void found() throws Exception {
    make(1);
    processes.found();
  }

  @Override
  public void join(int node) throws Exception {
    make(node);
    processes.join(node);
  }

  private synchronized void make(int node) throws IOException {
    if (node > NODES_MAX) {
      throw new IllegalArgumentException("node " + node);
    }
    last = Math.max(last, node);
    if (made.add(node)) {
      for (int port : new int[] {SERVICE_PORT, RAFT_PORT}) {
        links.open(
            node,
            new InetSocketAddress(block.door(node), port),
            new InetSocketAddress(block.listening(node), port));
      }
    }
  }

  @Override
  public synchronized int nextNode() {
    return last + 1;
  }

  @Override
  public void remove(int node) throws Exception {
    if (processes.runs(node)) {
      processes.kill(node);
    }
    synchronized (this) {
      made.remove(node);
    }
  }

  // ---- where things are
  // ---------------------------------------------------------------------------

  @Override
  public Addresses addresses(int number) {
    return new Addresses(
        block.listening(number), API_PORT, SERVICE_PORT, RAFT_PORT, block.door(number));
  }

  @Override
  public Path data(int number) {
    Path placement = placed.get(number);
    return placement != null
        ? placement
        : disks.map(small -> small.data(number)).orElseGet(() -> folder.resolve("node-" + number));
  }

  @Override
  public List<String> program() {
    String product = System.getProperty("chaos.product", "");
    Path lib = Path.of(product);
    if (product.isEmpty() || !Files.isDirectory(lib)) {
      throw new IllegalStateException(
          "there is no packaged product in '"
              + product
              + "'; `./mvnw -Pquick -DskipTests package` makes one");
    }
    List<String> program = new ArrayList<>();
    program.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    program.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "-cp",
            lib + "/*",
            "io.equator.server.Main"));
    return program;
  }

  @Override
  public Map<String, String> environment(int number) {
    Map<String, String> all =
        new HashMap<>(clocks.map(clock -> clock.environment(number)).orElse(Map.of()));
    all.putAll(environments.getOrDefault(number, Map.of()));
    return all;
  }

  /** Kept after the test, for whoever looks for the cause of what it found. */
  @Override
  public Optional<Path> log(int number) {
    return Optional.of(logs.resolve("node-" + number + ".log"));
  }

  @Override
  public synchronized List<Integer> nodes() {
    return List.copyOf(made);
  }

  @Override
  public InetSocketAddress clients(int node) {
    return new InetSocketAddress(block.listening(node), API_PORT);
  }

  // ---- what may be done to it
  // ---------------------------------------------------------------------

  @Override
  public void launch(int node) throws IOException {
    processes.launch(node, Map.of());
  }

  @Override
  public void awaitReady(int node) throws Exception {
    processes.awaitReady(node);
  }

  @Override
  public void kill(int node) throws Exception {
    processes.kill(node);
  }

  @Override
  public boolean stop(int node) throws Exception {
    return processes.stop(node) == 0;
  }

  /** Whether a node's process was started and not ended from here. */
  public boolean runs(int node) {
    return processes.runs(node);
  }

  /** Whether a node's process is alive. */
  public boolean isAlive(int node) {
    return processes.runs(node) && processes.process(node).isAlive();
  }

  @Override
  public void pause(int node) throws Exception {
    signal("-STOP", node);
  }

  @Override
  public void resume(int node) throws Exception {
    signal("-CONT", node);
  }

  private void signal(String signal, int node) throws Exception {
    Process kill =
        new ProcessBuilder("kill", signal, Long.toString(processes.process(node).pid()))
            .inheritIO()
            .start();
    if (!kill.waitFor(30, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new IllegalStateException("kill " + signal + " of node " + node + " failed");
    }
  }

  @Override
  public void cut(int from, int to) {
    links.cut(from, to);
  }

  @Override
  public void heal() {
    links.heal();
  }

  @Override
  public boolean reaches(int from, int to) throws IOException {
    return links.reaches(from, new InetSocketAddress(block.door(to), SERVICE_PORT))
        && links.reaches(from, new InetSocketAddress(block.door(to), RAFT_PORT));
  }

  @Override
  public Optional<NodeClocks> clocks() {
    return clocks.map(NodeClocks.class::cast);
  }

  @Override
  public Optional<NodeDisks> disks() {
    return disks.map(NodeDisks.class::cast);
  }

  @Override
  public Outcome admin(int at, String... arguments) {
    ClusterProcesses.Outcome outcome = processes.admin(at, arguments);
    return new Outcome(outcome.exitCode(), outcome.output());
  }

  /** The processes, for what only they can do. */
  public ClusterProcesses processes() {
    return processes;
  }

  /** What a node's process has printed since its last start. */
  public String output(int node) {
    return processes.output(node);
  }

  @Override
  public void close() throws IOException {
    processes.close();
    links.close();
    block.close();
    if (disks.isPresent()) {
      disks.get().close();
    }
  }
}
