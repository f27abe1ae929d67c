package io.equator.node.confirm;

import io.equator.partitioner.NodeId;
import io.equator.proto.PartitionDescriptor;

/**
 * Asks the group of a partition itself whom it counts. The catalog says who should be a member; a
 * change of members that was given up may have come about all the same, and whoever counts must not
 * lose what it has promised.
 */
@FunctionalInterface
public interface GroupTruth {

  /**
   * Whether the group certainly does not count a node, now and, if the node answers no more, for
   * ever; false when nobody who knows answers. Blocks.
   */
  boolean isOut(NodeId node, PartitionDescriptor partition);
}
