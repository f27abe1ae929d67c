package io.equator.partitioner;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes should hold which partition: weighted rendezvous hashing (highest random weight,
 * Thaler and Ravishankar 1998; weights by the logarithm method, Schindelhauer and Schomaker 2005),
 * one node of each zone first, with a bound on how many replicas a node gets.
 *
 * <p>Each partition ranks the nodes by a score that depends on the pair only, so a node that joins
 * takes about its share from all others, and nothing moves between the others. The bound
 * (consistent hashing with bounded loads, Mirrokni et al. 2018) passes over a node that has its
 * fair share and some more. It makes the result depend on all partitions: the result is therefore
 * written to the partition map, and never recomputed to route a request.
 *
 * <p>Scores use {@code StrictMath}: every machine computes the same.
 */
public final class Placement {
  /** Scores are compared between clusters of one key only, so the key can be a constant. */
  private static final TokenHash HASH =
      new TokenHash("equator.placing.".getBytes(StandardCharsets.US_ASCII));

  private static final double UNIT = 0x1p-53;

  private final List<PlacementNode> nodes;
  private final int replicaCount;

  /** Places {@code replicaCount} replicas, or as many as there are nodes, on these nodes. */
  public Placement(List<PlacementNode> nodes, int replicaCount) {
    if (nodes.isEmpty() || replicaCount < 1) {
      throw new IllegalArgumentException(
          "cannot place " + replicaCount + " replicas on " + nodes.size() + " nodes");
    }
    this.nodes = List.copyOf(nodes);
    this.replicaCount = Math.min(replicaCount, nodes.size());
  }

  /** All nodes, the one that the partition prefers first. */
  public List<PlacementNode> ranked(PartitionId partition) {
    record Scored(PlacementNode node, double score) {}

    List<Scored> scored = new ArrayList<>(nodes.size());
    for (PlacementNode node : nodes) {
      scored.add(new Scored(node, score(partition, node)));
    }
    scored.sort(
        Comparator.comparingDouble(Scored::score)
            .reversed()
            .thenComparing(entry -> entry.node().id()));
    return scored.stream().map(Scored::node).toList();
  }

  /** The nodes for one partition, without regard to any other. */
  public List<NodeId> replicasOf(PartitionId partition) {
    return choose(ranked(partition), Map.of(), Map.of());
  }

  /**
   * The nodes for each of these partitions, none with more than {@code slack} times its share of
   * the replicas by weight (rounded up).
   *
   * @param slack at least 1; 1.25 keeps nearly all of the stability
   */
  public Map<PartitionId, List<NodeId>> placeAll(List<PartitionId> partitions, double slack) {
    if (!(slack >= 1)) {
      throw new IllegalArgumentException("slack must be >= 1, was " + slack);
    }
    double weights = nodes.stream().mapToDouble(PlacementNode::weight).sum();
    Map<NodeId, Integer> bounds = new HashMap<>();
    for (PlacementNode node : nodes) {
      double share = (double) partitions.size() * replicaCount * node.weight() / weights;
      bounds.put(node.id(), (int) Math.ceil(share * slack));
    }
    Map<NodeId, Integer> loads = new HashMap<>();
    Map<PartitionId, List<NodeId>> placed = new HashMap<>();
    for (PartitionId partition : partitions.stream().sorted().toList()) {
      List<NodeId> chosen = choose(ranked(partition), loads, bounds);
      chosen.forEach(node -> loads.merge(node, 1, Integer::sum));
      placed.put(partition, chosen);
    }
    return placed;
  }

  /**
   * Goes down the ranking four times: for nodes in new zones that have room, for any node in a new
   * zone, for nodes with room, for any. A lost zone must not take a majority with it, so spread
   * matters more than the bound, and the bound more than the rank.
   */
  private List<NodeId> choose(
      List<PlacementNode> ranked, Map<NodeId, Integer> loads, Map<NodeId, Integer> bounds) {
    List<NodeId> chosen = new ArrayList<>(replicaCount);
    Set<String> zones = new HashSet<>();
    for (int pass = 0; pass < 4 && chosen.size() < replicaCount; pass++) {
      boolean newZoneOnly = pass < 2;
      boolean roomOnly = pass % 2 == 0;
      for (PlacementNode node : ranked) {
        if (chosen.size() < replicaCount
            && (!newZoneOnly || !zones.contains(node.zone()))
            && (!roomOnly || hasRoom(node.id(), loads, bounds))
            && !chosen.contains(node.id())) {
          chosen.add(node.id());
          zones.add(node.zone());
        }
      }
    }
    return chosen;
  }

  private static boolean hasRoom(
      NodeId node, Map<NodeId, Integer> loads, Map<NodeId, Integer> bounds) {
    return loads.getOrDefault(node, 0) < bounds.getOrDefault(node, Integer.MAX_VALUE);
  }

  private static double score(PartitionId partition, PlacementNode node) {
    byte[] name = node.id().value().getBytes(StandardCharsets.UTF_8);
    byte[] pair = new byte[Long.BYTES + name.length];
    for (int i = 0; i < Long.BYTES; i++) {
      pair[i] = (byte) (partition.value() >>> (8 * i));
    }
    System.arraycopy(name, 0, pair, Long.BYTES, name.length);
    // A uniform number in (0, 1): never 0, whose logarithm is infinite.
    double uniform = ((HASH.token(pair) >>> 11) + 0.5) * UNIT;
    return node.weight() / -StrictMath.log(uniform);
  }
}
