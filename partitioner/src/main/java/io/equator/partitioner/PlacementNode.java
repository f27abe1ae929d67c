package io.equator.partitioner;

/**
 * A node as placement sees it.
 *
 * @param id the node
 * @param zone what fails together: no two replicas of a partition share one while there are zones
 *     enough
 * @param weight its share of the replicas in relation to the others, greater than 0
 */
public record PlacementNode(NodeId id, String zone, double weight) {
  /** A node with a positive, finite weight. */
  public PlacementNode {
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(id + " has the weight " + weight);
    }
  }

  /** A node of weight 1. */
  public static PlacementNode of(NodeId id, String zone) {
    return new PlacementNode(id, zone, 1);
  }
}
