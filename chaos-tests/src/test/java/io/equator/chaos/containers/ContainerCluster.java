package io.equator.chaos.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import io.equator.chaos.cluster.Cluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Containers of the image, as an operator would run them: no root, no capability, a root file
 * system that cannot be written, a volume for the data.
 *
 * <p>Cuts are rules of iptables in the network of a container, set from outside, so addresses and
 * published ports stay; they need root and {@code nsenter}.
 */
final class ContainerCluster implements Cluster {
  private static final int API_PORT = 8000;
  private static final int SERVICE_PORT = 7000;
  private static final Duration READY_WITHIN = Duration.ofSeconds(180);
  private static final List<String> EQUATOR =
      List.of(
          "/opt/equator/jre/bin/java",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-cp",
          "/opt/equator/app/*:/opt/equator/lib/*",
          "io.equator.server.Main");

  private final String image;
  private final Network network = Network.newNetwork();
  private final Map<Integer, GenericContainer<?>> containers = new TreeMap<>();
  private final Map<Integer, Integer> ports = new LinkedHashMap<>();
  private final List<String> volumes = new ArrayList<>();

  /** The end of the rule of each cut, by the process in whose network it is. */
  private record Rule(String process, List<String> words) {}

  private final List<Rule> rules = new ArrayList<>();

  private ContainerCluster(String image) {
    this.image = image;
  }

  /** Founds a cluster of so many nodes. */
  static ContainerCluster start(String image, int nodes) throws Exception {
    ContainerCluster cluster = new ContainerCluster(image);
    try {
      for (int node = 1; node <= nodes; node++) {
        cluster.join(node);
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  /** Whether links can be cut here; if not, why. */
  static String whyNoCuts() throws Exception {
    Shell.Result iptables = Shell.run(10, "iptables", "--version");
    Shell.Result nsenter = Shell.run(10, "nsenter", "--version");
    Shell.Result user = Shell.run(10, "id", "-u");
    return !user.output().equals("0")
        ? "not root"
        : !iptables.ok() || !nsenter.ok() ? "no iptables or no nsenter" : "";
  }

  private static DockerClient docker() {
    return org.testcontainers.DockerClientFactory.instance().client();
  }

  @Override
  public void join(int node) throws Exception {
    String volume = "equator-chaos-" + network.getId().substring(0, 12) + "-" + node;
    docker().createVolumeCmd().withName(volume).exec();
    volumes.add(volume);
    ports.put(node, freePort());
    String token = "";
    if (node == 1) {
      try (GenericContainer<?> init =
          container(node, volume, "")
              .withCommand("admin", "init", "--config", "/etc/equator/node.yaml")
              .withStartupCheckStrategy(
                  new OneShotStartupCheckStrategy().withTimeout(READY_WITHIN))) {
        init.start();
      }
    } else {
      token = admin(1, "token").output().strip();
    }
    GenericContainer<?> container = container(node, volume, token);
    containers.put(node, container);
    container
        .withExposedPorts(API_PORT)
        .waitingFor(Wait.forLogMessage(".*Ready: .*", 1).withStartupTimeout(READY_WITHIN))
        .start();
  }

  private GenericContainer<?> container(int node, String volume, String token) {
    int port = ports.get(node);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("EQUATOR_NODE_ID", "node-" + node);
    environment.put("EQUATOR_INTERNAL_ADVERTISE", "node-" + node);
    environment.put("EQUATOR_JOIN_SEEDS", "node-1:" + SERVICE_PORT);
    environment.put("EQUATOR_CLUSTER_PARTITIONS", "3");
    environment.put("EQUATOR_API_AUTH", "any");
    environment.put("EQUATOR_JOIN_TOKEN", token);
    environment.put("JDK_JAVA_OPTIONS", "-Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    return new GenericContainer<>(DockerImageName.parse(image))
        .withImagePullPolicy(_ -> false)
        .withNetwork(network)
        .withNetworkAliases("node-" + node)
        .withEnv(environment)
        .withTmpFs(Map.of("/tmp", "rw,noexec,size=64m"))
        .withCreateContainerCmdModifier(
            command ->
                command
                    .getHostConfig()
                    .withReadonlyRootfs(true)
                    .withCapDrop(Capability.ALL)
                    .withSecurityOpts(List.of("no-new-privileges"))
                    .withBinds(new Bind(volume, new Volume("/data")))
                    // A port of its own stays over restarts; one that Docker chooses would not.
                    .withPortBindings(
                        new PortBinding(
                            Ports.Binding.bindIpAndPort("127.0.0.1", port),
                            ExposedPort.tcp(API_PORT))));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public List<Integer> nodes() {
    return List.copyOf(containers.keySet());
  }

  @Override
  public InetSocketAddress clients(int node) {
    return new InetSocketAddress("127.0.0.1", ports.get(node));
  }

  private String id(int node) {
    return containers.get(node).getContainerId();
  }

  private InspectContainerResponse inspect(int node) {
    return docker().inspectContainerCmd(id(node)).exec();
  }

  @Override
  public int nextNode() {
    return ports.keySet().stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
  }

  @Override
  public void remove(int node) {
    if (containers.remove(node) instanceof GenericContainer<?> container) {
      container.stop();
    }
  }

  @Override
  public void launch(int node) {
    docker().startContainerCmd(id(node)).exec();
  }

  @Override
  public void awaitReady(int node) throws Exception {
    long end = System.nanoTime() + READY_WITHIN.toNanos();
    // The log is of all starts of the container, so a probe says it better.
    while (true) {
      Outcome health = run(node, "health", "--probe", "readyz");
      if (health.exitCode() == 0) {
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "node " + node + " is not ready: " + health.output() + "\n" + log(node));
      }
    }
  }

  String log(int node) {
    return containers
        .get(node)
        .getLogs(OutputFrame.OutputType.STDOUT, OutputFrame.OutputType.STDERR);
  }

  @Override
  public void kill(int node) {
    docker().killContainerCmd(id(node)).withSignal("KILL").exec();
    awaitEnd(node);
  }

  @Override
  public boolean stop(int node) {
    docker().stopContainerCmd(id(node)).withTimeout(60).exec();
    awaitEnd(node);
    return Long.valueOf(0).equals(inspect(node).getState().getExitCodeLong());
  }

  private void awaitEnd(int node) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (Boolean.TRUE.equals(inspect(node).getState().getRunning())) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("the container of node " + node + " does not end");
      }
    }
  }

  @Override
  public void pause(int node) {
    docker().pauseContainerCmd(id(node)).exec();
  }

  @Override
  public void resume(int node) {
    docker().unpauseContainerCmd(id(node)).exec();
  }

  private String process(int node) {
    return String.valueOf(inspect(node).getState().getPidLong());
  }

  private String address(int node) {
    return inspect(node)
        .getNetworkSettings()
        .getNetworks()
        .values()
        .iterator()
        .next()
        .getIpAddress();
  }

  @Override
  public void cut(int from, int to) throws Exception {
    Rule rule = new Rule(process(from), List.of("OUTPUT", "-d", address(to), "-j", "DROP"));
    iptables(rule, "-A");
    rules.add(rule);
  }

  @Override
  public void heal() throws Exception {
    for (Rule rule : rules) {
      iptables(rule, "-D");
    }
    rules.clear();
  }

  private static void iptables(Rule rule, String action) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "-t", rule.process, "-n", "iptables", "-w", "10"));
    command.add(action);
    command.addAll(rule.words);
    Shell.Result result = Shell.run(30, command.toArray(String[]::new));
    if (!result.ok()) {
      throw new IllegalStateException(command + ": " + result.output());
    }
  }

  @Override
  public boolean reaches(int from, int to) throws Exception {
    return Shell.run(
            20,
            "nsenter",
            "-t",
            process(from),
            "-n",
            "timeout",
            "3",
            "bash",
            "-c",
            "exec 3<>/dev/tcp/" + address(to) + "/" + SERVICE_PORT)
        .ok();
  }

  @Override
  public Outcome admin(int at, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("admin"));
    words.addAll(List.of(arguments));
    words.addAll(List.of("--config", "/etc/equator/node.yaml"));
    return run(at, words.toArray(String[]::new));
  }

  private Outcome run(int at, String... words) throws Exception {
    List<String> command = new ArrayList<>(EQUATOR);
    command.addAll(List.of(words));
    var result = containers.get(at).execInContainer(command.toArray(String[]::new));
    // Warnings of the JVM are no part of an answer.
    boolean done = result.getExitCode() == 0;
    return new Outcome(
        Math.toIntExact(result.getExitCode()),
        done ? result.getStdout() : result.getStdout() + result.getStderr());
  }

  @Override
  public void close() {
    containers.values().forEach(GenericContainer::stop);
    network.close();
    for (String volume : volumes) {
      docker().removeVolumeCmd(volume).exec();
    }
  }
}
