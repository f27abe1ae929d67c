package io.equator.partitioner;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which replicas should move next. Pure: the same view gives the same moves.
 *
 * <p>In this order, at most {@code movesMax} at a time, one for each partition and one into or out
 * of each node:
 *
 * <ol>
 *   <li>a partition with fewer replicas than wanted gets one more;
 *   <li>a replica on a node that must give up its replicas goes to another node;
 *   <li>a node with fewer replicas than its share, rounded down, takes one from a node with more
 *       than its share, rounded up.
 * </ol>
 *
 * <p>Where a replica goes is the rank of {@link Placement} among the nodes that have room, in a
 * zone that holds no other replica of the partition while there is one. Replicas that an operator
 * has moved stay where they are as long as the shares allow it: nothing is moved for the rank
 * alone.
 */
public final class MovePlanner {
  private final int replicaCount;
  private final int movesMax;

  /**
   * @param replicaCount wanted of each partition
   * @param movesMax under way at a time
   */
  public MovePlanner(int replicaCount, int movesMax) {
    if (replicaCount < 1 || movesMax < 1) {
      throw new IllegalArgumentException(
          "cannot plan for " + replicaCount + " replicas and " + movesMax + " moves");
    }
    this.replicaCount = replicaCount;
    this.movesMax = movesMax;
  }

  /**
   * What is known of one partition.
   *
   * @param replicas nodes in its group
   * @param moving whether a change of its replicas is under way, with these nodes
   * @param serving whether clients read and write there; one that has been split and is kept for
   *     readers of its changes is no load, and is not moved for the sake of the shares
   */
  public record Holding(
      PartitionId partition, List<NodeId> replicas, Optional<Move> moving, boolean serving) {}

  /**
   * One change of a partition's replicas.
   *
   * @param to gets a replica
   * @param from gives its own up afterwards; empty when the partition gets one more
   * @param reason a sentence for people
   */
  public record Move(PartitionId partition, NodeId to, Optional<NodeId> from, String reason) {}

  /**
   * The moves to begin now.
   *
   * @param takers nodes that may get replicas
   * @param givers nodes that must give up theirs, with the reason; none of them is a taker
   */
  public List<Move> plan(
      List<PlacementNode> takers, Map<NodeId, String> givers, List<Holding> holdings) {
    if (takers.isEmpty()) {
      return List.of();
    }
    return new Plan(takers, givers, holdings).moves();
  }

  private final class Plan {
    private final Map<NodeId, PlacementNode> takers = new LinkedHashMap<>();
    private final Map<NodeId, String> givers;
    private final List<Holding> holdings;
    private final Placement placement;
    private final Map<NodeId, Integer> loads = new HashMap<>();
    private final Set<NodeId> busy = new HashSet<>();
    private final Set<PartitionId> moving = new HashSet<>();
    private final List<Move> moves = new ArrayList<>();
    private int underWay;

    Plan(List<PlacementNode> nodes, Map<NodeId, String> givers, List<Holding> holdings) {
      nodes.stream()
          .sorted(Comparator.comparing(PlacementNode::id))
          .forEach(node -> takers.put(node.id(), node));
      this.givers = givers;
      // What clients need comes first.
      this.holdings =
          holdings.stream()
              .sorted(
                  Comparator.comparingInt((Holding holding) -> holding.serving() ? 0 : 1)
                      .thenComparing(Holding::partition))
              .toList();
      this.placement = new Placement(List.copyOf(takers.values()), replicaCount);
      for (Holding holding : holdings) {
        holding.replicas().forEach(node -> load(holding, node, 1));
        holding.moving().ifPresent(move -> begun(holding, move));
      }
    }

    private void begun(Holding holding, Move move) {
      underWay++;
      moving.add(move.partition());
      busy.add(move.to());
      load(holding, move.to(), 1);
      move.from()
          .ifPresent(
              from -> {
                busy.add(from);
                load(holding, from, -1);
              });
    }

    private void load(Holding holding, NodeId node, int more) {
      if (holding.serving()) {
        loads.merge(node, more, Integer::sum);
      }
    }

    List<Move> moves() {
      for (Holding holding : holdings) {
        addMissing(holding);
      }
      for (Holding holding : holdings) {
        replaceGiver(holding);
      }
      evenOut();
      return moves;
    }

    private boolean open(Holding holding) {
      return underWay < movesMax && !moving.contains(holding.partition());
    }

    private void begin(Holding holding, NodeId to, Optional<NodeId> from, String reason) {
      Move move = new Move(holding.partition(), to, from, reason);
      moves.add(move);
      begun(holding, move);
    }

    private void addMissing(Holding holding) {
      if (open(holding) && holding.replicas().size() < replicaCount) {
        target(holding, Optional.empty())
            .ifPresent(
                to ->
                    begin(
                        holding,
                        to,
                        Optional.empty(),
                        "it has " + holding.replicas().size() + " replicas of " + replicaCount));
      }
    }

    private void replaceGiver(Holding holding) {
      for (NodeId node : holding.replicas()) {
        String reason = givers.get(node);
        if (reason != null && open(holding)) {
          target(holding, Optional.of(node))
              .ifPresent(to -> begin(holding, to, Optional.of(node), reason));
        }
      }
    }

    private void evenOut() {
      for (PlacementNode taker : takers.values()) {
        if (!busy.contains(taker.id()) && load(taker.id()) < Math.floor(share(taker))) {
          takeOne(taker);
        }
      }
    }

    /** From the fullest node first, and of its partitions the one that ranks the taker highest. */
    private void takeOne(PlacementNode taker) {
      List<PlacementNode> full =
          takers.values().stream()
              .filter(node -> !busy.contains(node.id()) && load(node.id()) > Math.ceil(share(node)))
              .sorted(
                  Comparator.<PlacementNode>comparingDouble(node -> load(node.id()) - share(node))
                      .reversed()
                      .thenComparing(PlacementNode::id))
              .toList();
      // Shares may be such that nobody is above its own rounded up; then the fullest gives.
      List<PlacementNode> donors = full.isEmpty() ? fullest(taker) : full;
      for (PlacementNode donor : donors) {
        Optional<Holding> best =
            holdings.stream()
                .filter(
                    holding ->
                        open(holding)
                            && holding.serving()
                            && holding.replicas().contains(donor.id())
                            && !holding.replicas().contains(taker.id())
                            && keepsZones(holding, taker, donor.id()))
                .min(
                    Comparator.comparingInt(
                            (Holding holding) -> rank(holding.partition(), taker.id()))
                        .thenComparing(Holding::partition));
        if (best.isPresent()) {
          begin(
              best.get(),
              taker.id(),
              Optional.of(donor.id()),
              taker.id() + " has less than its share");
          return;
        }
      }
    }

    private List<PlacementNode> fullest(PlacementNode taker) {
      return takers.values().stream()
          .filter(node -> !busy.contains(node.id()) && load(node.id()) > load(taker.id()) + 1)
          .sorted(
              Comparator.<PlacementNode>comparingInt(node -> load(node.id()))
                  .reversed()
                  .thenComparing(PlacementNode::id))
          .toList();
    }

    private int rank(PartitionId partition, NodeId node) {
      List<PlacementNode> ranked = placement.ranked(partition);
      for (int i = 0; i < ranked.size(); i++) {
        if (ranked.get(i).id().equals(node)) {
          return i;
        }
      }
      return ranked.size();
    }

    private Optional<NodeId> target(Holding holding, Optional<NodeId> instead) {
      Set<String> zones = zonesOf(holding, instead);
      Set<NodeId> taken = new HashSet<>(holding.replicas());
      List<PlacementNode> ranked =
          placement.ranked(holding.partition()).stream()
              .filter(node -> !taken.contains(node.id()) && !busy.contains(node.id()))
              .toList();
      boolean newZoneThere =
          takers.values().stream()
              .anyMatch(node -> !taken.contains(node.id()) && !zones.contains(node.zone()));
      return ranked.stream()
          .filter(node -> !newZoneThere || !zones.contains(node.zone()))
          .min(Comparator.comparingInt((PlacementNode node) -> overShare(node) ? 1 : 0))
          .map(PlacementNode::id);
    }

    private boolean overShare(PlacementNode node) {
      return load(node.id()) >= Math.ceil(share(node));
    }

    /** A node that is no taker has a zone that is not known here: it does not count. */
    private Set<String> zonesOf(Holding holding, Optional<NodeId> without) {
      Set<String> zones = new HashSet<>();
      for (NodeId node : holding.replicas()) {
        PlacementNode known = takers.get(node);
        if (known != null && !without.equals(Optional.of(node))) {
          zones.add(known.zone());
        }
      }
      return zones;
    }

    /** Whether the partition spreads over as many zones as before. */
    private boolean keepsZones(Holding holding, PlacementNode taker, NodeId donor) {
      Set<String> after = zonesOf(holding, Optional.of(donor));
      after.add(taker.zone());
      return after.size() >= zonesOf(holding, Optional.empty()).size();
    }

    private int load(NodeId node) {
      return loads.getOrDefault(node, 0);
    }

    private double share(PlacementNode node) {
      double weights = takers.values().stream().mapToDouble(PlacementNode::weight).sum();
      int each = Math.min(replicaCount, takers.size());
      long serving = holdings.stream().filter(Holding::serving).count();
      return (double) serving * each * node.weight() / weights;
    }
  }
}
