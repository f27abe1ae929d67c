package io.equator.chaos.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Regions of real processes on this machine. Each is a {@link ProcessCluster} with a root of
 * certificates of its own; between them stand doors of another {@link Links}, at the addresses by
 * which regions know each other's coordinators.
 *
 * <p>To those links a node has a number that no node of another region has.
 */
public final class RegionClusters implements AutoCloseable {
  private static final int REGIONS_PORT = 7100;
  private static final int REPLICAS = 3;
  private static final int NODES_MAX = 90;
  private static final int NUMBERS_PER_REGION = 1_000;
  private static final Duration JOINED_WITHIN = Duration.ofSeconds(180);

  private final Path folder;
  private final Map<String, ProcessCluster> clusters = new LinkedHashMap<>();
  private final Links links = new Links(new ConnectionSource(this::pids));
  private int invitations;

  /** No region yet. */
  public RegionClusters(Path folder) {
    this.folder = folder;
  }

  private synchronized Map<Integer, Long> pids() {
    Map<Integer, Long> all = new LinkedHashMap<>();
    clusters.forEach(
        (region, cluster) ->
            cluster.pids().forEach((node, pid) -> all.put(number(region, node), pid)));
    return all;
  }

  private synchronized int number(String region, int node) {
    return (1 + List.copyOf(clusters.keySet()).indexOf(region)) * NUMBERS_PER_REGION + node;
  }

  /** Founds a cluster of so many nodes, which is a region of nobody yet. */
  public void found(String region, int nodes) throws Exception {
    if (nodes > NODES_MAX) {
      throw new IllegalArgumentException(nodes + " nodes");
    }
    ProcessCluster cluster =
        new ProcessCluster(
            Files.createDirectories(folder.resolve(region)),
            "cluster: {region: %s, partitions: 2, replicas: %d}"
                .formatted(region, Math.min(nodes, REPLICAS)));
    synchronized (this) {
      clusters.put(region, cluster);
    }
    for (int node = 1; node <= nodes; node++) {
      cluster.environment(
          node,
          Map.of(
              "EQUATOR_REGIONS_HOST",
              cluster.addresses(node).host(),
              "EQUATOR_REGIONS_PORT",
              Integer.toString(REGIONS_PORT),
              "EQUATOR_REGIONS_ADVERTISE",
              cluster.addresses(node).advertise() + ":" + REGIONS_PORT));
      links.open(
          number(region, node),
          door(cluster, node),
          new InetSocketAddress(cluster.addresses(node).host(), REGIONS_PORT));
    }
    cluster.found();
    for (int node = 2; node <= nodes; node++) {
      cluster.join(node);
    }
  }

  private static InetSocketAddress door(ProcessCluster cluster, int node) {
    return new InetSocketAddress(cluster.addresses(node).advertise(), REGIONS_PORT);
  }

  /** Makes a cluster a region of the federation that the other one is in, as operators do it. */
  public void federate(String host, String guest) throws Exception {
    Path invitation = folder.resolve("invitation-" + ++invitations + ".json");
    must(host, "region", "invite", "--file", invitation.toString());
    must(guest, "region", "add", "--file", invitation.toString());
  }

  /**
   * All processes of a region end at once, for good, and another region takes it out of the
   * federation.
   */
  public void lose(String lost, String remover) throws Exception {
    ProcessCluster cluster = cluster(lost);
    for (int node : cluster.nodes()) {
      cluster.kill(node);
    }
    synchronized (this) {
      // Its number stays its own: it was the last.
      if (!regions().getLast().equals(lost)) {
        throw new IllegalArgumentException(lost + " is not the last region");
      }
      clusters.remove(lost);
    }
    cluster.close();
    must(remover, "region", "remove", lost, "--force");
  }

  /** A command that is refused while something is under way is given again, as one may. */
  private void must(String region, String... command) throws Exception {
    long end = System.nanoTime() + JOINED_WITHIN.toNanos();
    Cluster.Outcome outcome = cluster(region).admin(1, command);
    while (outcome.exitCode() != 0) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(String.join(" ", command) + ": " + outcome.output());
      }
      Thread.sleep(500);
      outcome = cluster(region).admin(1, command);
    }
  }

  /** The regions, in the order in which they were founded. */
  public synchronized List<String> regions() {
    return List.copyOf(clusters.keySet());
  }

  /** A region's cluster. */
  public synchronized ProcessCluster cluster(String region) {
    return Optional.ofNullable(clusters.get(region)).orElseThrow();
  }

  /** From now on nothing that one region sends reaches the other; the other way it does. */
  public void cut(String from, String to) {
    for (int sender : cluster(from).nodes()) {
      for (int receiver : cluster(to).nodes()) {
        links.cut(number(from, sender), number(to, receiver));
      }
    }
  }

  /** Ends all cuts between regions. */
  public void heal() {
    links.heal();
  }

  /** Whether bytes go from each node of one region to each node of the other and back. */
  public boolean reaches(String from, String to) throws IOException {
    for (int sender : cluster(from).nodes()) {
      for (int receiver : cluster(to).nodes()) {
        if (!links.reaches(number(from, sender), door(cluster(to), receiver))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether no bytes go from any node of one region to any of the other and back. */
  public boolean isCut(String from, String to) throws IOException {
    for (int sender : cluster(from).nodes()) {
      for (int receiver : cluster(to).nodes()) {
        if (links.reaches(number(from, sender), door(cluster(to), receiver))) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    List<ProcessCluster> all;
    synchronized (this) {
      all = new ArrayList<>(clusters.values());
    }
    for (ProcessCluster cluster : all) {
      cluster.close();
    }
    links.close();
  }
}
