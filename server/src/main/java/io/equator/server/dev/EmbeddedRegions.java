package io.equator.server.dev;

import io.equator.server.Refusal;
import io.equator.server.observe.ObserveOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One embedded cluster, or several that are regions of a federation: each complete, with a folder,
 * a catalog and an endpoint of its own.
 *
 * <p>They start and stop at the same time. A region can be stopped and started again while the
 * others go on.
 */
public final class EmbeddedRegions implements AutoCloseable {

  /** Regions at most: each is a whole cluster, and they share one machine. */
  static final int REGIONS_MAX = 8;

  private final DevOptions options;
  private final ObserveOptions observed;
  private final List<String> names;
  private final Optional<InProcessRegions> federation;
  private final List<Optional<EmbeddedCluster>> clusters;

  /** Where regions listened that have stopped. */
  private final Map<String, Integer> ports = new ConcurrentHashMap<>();

  private Optional<Path> temporary = Optional.empty();

  private EmbeddedRegions(
      DevOptions options,
      ObserveOptions observed,
      List<String> names,
      Optional<InProcessRegions> federation,
      int count) {
    this.options = options;
    this.observed = observed;
    this.names = names;
    this.federation = federation;
    this.clusters = new ArrayList<>(Collections.nCopies(count, Optional.empty()));
  }

  /** One cluster, as {@link EmbeddedCluster#start}. */
  static EmbeddedRegions alone(DevOptions options, ObserveOptions observed) {
    EmbeddedRegions one = new EmbeddedRegions(options, observed, List.of(), Optional.empty(), 1);
    one.clusters.set(0, Optional.of(EmbeddedCluster.start(options, observed)));
    return one;
  }

  /**
   * Several, federated.
   *
   * @param options of each; {@code port} is the first one's, the others have those that follow
   * @param names of the regions, in the order of their numbers
   * @param oneWay how long a message takes from one to another
   * @throws Refusal when the options, a folder or a port stand in the way
   */
  static EmbeddedRegions start(
      DevOptions options, ObserveOptions observed, List<String> names, Duration oneWay) {
    check(options, names, oneWay);
    options.data().ifPresent(folder -> RegionsFolder.hold(absolute(folder), names));
    EmbeddedRegions regions =
        new EmbeddedRegions(
            options,
            observed,
            List.copyOf(names),
            Optional.of(new InProcessRegions(names, oneWay)),
            names.size());
    try {
      regions.startAll();
      return regions;
    } catch (RuntimeException e) {
      regions.close();
      throw e;
    }
  }

  private static void check(DevOptions options, List<String> names, Duration oneWay) {
    if (names.size() < 2 || names.size() > REGIONS_MAX) {
      throw new Refusal(
          "--regions takes from 2 to "
              + REGIONS_MAX
              + " regions, had "
              + names.size()
              + "; for one there is --region.");
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw new Refusal("--regions names a region twice: " + String.join(",", names) + ".");
    }
    for (String name : names) {
      if (!DevOptions.isRegionName(name)) {
        throw new Refusal(
            "--regions takes names like us-west-2,us-east-1, had '" + name + "' among them.");
      }
    }
    if (options.port() + names.size() - 1 > 65_535) {
      throw new Refusal(
          "--port " + options.port() + " leaves no ports for " + names.size() + " regions.");
    }
    if (oneWay.isNegative() || oneWay.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new Refusal("--region-delay must be from 0ms to 10s, was " + oneWay.toMillis() + "ms.");
    }
  }

  private static Path absolute(Path folder) {
    return folder.toAbsolutePath().normalize();
  }

  private void startAll() {
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("region-starts").factory())) {
      List<Future<EmbeddedCluster>> starting = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        int index = i;
        starting.add(threads.submit(() -> startOne(index)));
      }
      Optional<RuntimeException> failure = Optional.empty();
      for (int i = 0; i < names.size(); i++) {
        try {
          clusters.set(i, Optional.of(starting.get(i).get()));
        } catch (ExecutionException e) {
          failure =
              Optional.of(
                  e.getCause() instanceof RuntimeException unchecked
                      ? unchecked
                      : new IllegalStateException(e.getCause()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          failure = Optional.of(new Refusal("interrupted.", e));
        }
      }
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  private EmbeddedCluster startOne(int index) {
    String name = names.get(index);
    // A region that comes back is found where it was.
    int port = ports.getOrDefault(name, options.port() == 0 ? 0 : options.port() + index);
    DevOptions own =
        new DevOptions(
            options.host(),
            port,
            RegionsFolder.region(options.data(), name),
            options.nodes(),
            options.partitions(),
            Optional.of(name),
            options.tls(),
            options.capacityEnforced());
    return EmbeddedCluster.start(own, observed(index), ways().seat(name));
  }

  /** Each region has an admin port of its own. */
  private ObserveOptions observed(int index) {
    if (observed.admin().isEmpty() || observed.admin().get().getPort() == 0) {
      return observed;
    }
    InetSocketAddress first = observed.admin().get();
    return observed.withAdmin(
        new InetSocketAddress(first.getHostString(), first.getPort() + index));
  }

  /** The ways between the regions; there are several. */
  InProcessRegions ways() {
    return federation.orElseThrow();
  }

  /** Those that run, in the order of their numbers. */
  public synchronized List<EmbeddedCluster> running() {
    return clusters.stream().flatMap(Optional::stream).toList();
  }

  /** The cluster of a region, which runs. */
  synchronized EmbeddedCluster region(String name) {
    return clusters.get(names.indexOf(name)).orElseThrow();
  }

  /**
   * The same in a temporary folder that is gone when it is closed. A region that stops and starts
   * again finds its data there.
   */
  public static EmbeddedRegions startKept(
      DevOptions options, ObserveOptions observed, List<String> names, Duration oneWay) {
    Path folder;
    try {
      folder = Files.createTempDirectory("equator-regions-");
    } catch (IOException e) {
      throw new Refusal("a temporary folder cannot be made: " + e.getMessage() + ".", e);
    }
    DevOptions kept =
        new DevOptions(
            options.host(),
            options.port(),
            Optional.of(folder),
            options.nodes(),
            options.partitions(),
            options.region(),
            options.tls(),
            options.capacityEnforced());
    EmbeddedRegions regions = start(kept, observed, names, oneWay);
    regions.temporary = Optional.of(folder);
    return regions;
  }

  /** All processes of a region die at once; its clients find nobody. */
  public synchronized void crash(String name) {
    int index = names.indexOf(name);
    EmbeddedCluster cluster = region(name);
    clusters.set(index, Optional.empty());
    ports.put(name, cluster.address().getPort());
    ways().isolate(name, true);
    for (int node = 1; node <= cluster.nodes(); node++) {
      cluster.embeddedNodes().crash(node);
    }
    cluster.close();
    ways().isolate(name, false);
  }

  /** One node of a region dies; numbered from 1. */
  public void crashNode(String name, int node) {
    region(name).embeddedNodes().crash(node);
  }

  /** Starts a node that has died. */
  public void restartNode(String name, int node) throws IOException {
    region(name).embeddedNodes().restart(node);
  }

  /** Cuts a region off from all others, or lets it back. Its clients still reach it. */
  public void isolate(String name, boolean isolated) {
    ways().isolate(name, isolated);
  }

  /** Sets a region's clock apart from that of the others. */
  public void setAhead(String name, Duration ahead) {
    ways().clock(name).setAhead(ahead);
  }

  /** Stops a region; the others go on. */
  synchronized void stop(String name) {
    int index = names.indexOf(name);
    clusters.get(index).ifPresent(cluster -> ports.put(name, cluster.address().getPort()));
    clusters.get(index).ifPresent(EmbeddedCluster::close);
    clusters.set(index, Optional.empty());
  }

  /** Starts a region that was stopped. */
  public synchronized void restart(String name) {
    int index = names.indexOf(name);
    if (clusters.get(index).isEmpty()) {
      clusters.set(index, Optional.of(startOne(index)));
    }
  }

  @Override
  public synchronized void close() {
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("region-stops").factory())) {
      running().forEach(cluster -> threads.execute(cluster::close));
    }
    Collections.fill(clusters, Optional.empty());
    federation.ifPresent(InProcessRegions::close);
    temporary.ifPresent(EmbeddedRegions::delete);
    temporary = Optional.empty();
  }

  private static void delete(Path folder) {
    try {
      Folders.deleteRecursively(folder);
    } catch (IOException e) {
      throw new Refusal("the temporary folder " + folder + " stays: " + e.getMessage() + ".", e);
    }
  }
}
