package io.equator.chaos.cluster;

import io.equator.chaos.cluster.Cluster.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an operator's commands say of a cluster, and waiting until they say what is wanted. */
public final class ClusterView {
  /** The catalog's number among the partitions. */
  public static final long CATALOG = 0;

  private static final Duration WELL_WITHIN = Duration.ofSeconds(240);
  private static final long LOOK_MILLIS = 700;
  private static final Pattern LEADER =
      Pattern.compile("\"partition\" : (\\d+).*?\"leader\" : \"node-(\\d+)\"", Pattern.DOTALL);
  private static final Pattern CATALOG_LEADER =
      Pattern.compile("\"catalog-leader\" : \"node-(\\d+)\"");
  private static final Pattern REPLICAS =
      Pattern.compile("\"partition\" : (\\d+).*?\"replicas\" : \\[(.*?)\\]", Pattern.DOTALL);

  private static final Pattern STATE =
      Pattern.compile("\"partition\" : (\\d+).*?\"state\" : \"(\\w+)\"", Pattern.DOTALL);

  private final Cluster cluster;

  /** A view of this cluster. */
  public ClusterView(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Who leads which partition, as far as it is known; the catalog among them. */
  public Map<Long, Integer> leaders(int at) throws Exception {
    Map<Long, Integer> leaders = new LinkedHashMap<>();
    Matcher catalog =
        CATALOG_LEADER.matcher(cluster.admin(at, "status", "--output", "json").output());
    if (catalog.find()) {
      leaders.put(CATALOG, Integer.valueOf(catalog.group(1)));
    }
    Matcher partition =
        LEADER.matcher(cluster.admin(at, "partitions", "--output", "json").output());
    while (partition.find()) {
      leaders.put(Long.valueOf(partition.group(1)), Integer.valueOf(partition.group(2)));
    }
    return leaders;
  }

  /** The nodes that hold a replica of each partition. */
  public Map<Long, List<Integer>> replicas(int at) throws Exception {
    Map<Long, List<Integer>> replicas = new LinkedHashMap<>();
    Matcher partition =
        REPLICAS.matcher(cluster.admin(at, "partitions", "--output", "json").output());
    while (partition.find()) {
      List<Integer> nodes = new ArrayList<>();
      Matcher node = Pattern.compile("node-(\\d+)").matcher(partition.group(2));
      while (node.find()) {
        nodes.add(Integer.valueOf(node.group(1)));
      }
      replicas.put(Long.valueOf(partition.group(1)), List.copyOf(nodes));
    }
    return replicas;
  }

  /** What each partition is to its ring: serving, splitting, embryo or closed. */
  public Map<Long, String> states(int at) throws Exception {
    Map<Long, String> states = new LinkedHashMap<>();
    Matcher partition = STATE.matcher(cluster.admin(at, "partitions", "--output", "json").output());
    while (partition.find()) {
      states.put(Long.valueOf(partition.group(1)), partition.group(2));
    }
    return states;
  }

  /** Waits until a node has replicas, and none is moved any more. */
  public void awaitReplicas(int at, int node) throws Exception {
    long end = System.nanoTime() + WELL_WITHIN.toNanos();
    while (replicas(at).values().stream().noneMatch(nodes -> nodes.contains(node))) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("node " + node + " has no replica: " + replicas(at));
      }
      Thread.sleep(LOOK_MILLIS);
    }
    Optional<String> amiss = awaitWell(at);
    if (amiss.isPresent()) {
      throw new AssertionError("with the new node it is not well: " + amiss.get());
    }
  }

  /**
   * Waits until nothing is amiss and nothing is moved; what is still amiss when it took too long.
   */
  public Optional<String> awaitWell(int at) throws Exception {
    return await(
        at,
        output -> output.contains("\"amiss\" : [ ]") && output.contains("\"moving\" : 0"),
        "status",
        "--output",
        "json");
  }

  /** Runs a command until it prints what is wanted; what it printed at last when it never did. */
  public Optional<String> await(int at, Predicate<String> wanted, String... command)
      throws Exception {
    long end = System.nanoTime() + WELL_WITHIN.toNanos();
    Outcome last = cluster.admin(at, command);
    while (!wanted.test(last.output())) {
      if (System.nanoTime() - end > 0) {
        return Optional.of(last.output());
      }
      Thread.sleep(LOOK_MILLIS);
      last = cluster.admin(at, command);
    }
    return Optional.empty();
  }
}
