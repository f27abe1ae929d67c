package io.equator.server.admin.cluster;

import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin operations}: what is under way. */
@Command(
    name = "operations",
    sortOptions = false,
    description = {
      "List what is under way: replicas that move, partitions that are split, nodes that are"
          + " drained.",
      ""
    })
public final class OperationsCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      Listing listing = new Listing("operation", "of", "to", "from", "left");
      for (PartitionDescriptor partition : cluster.snapshot().partitionDescriptors()) {
        if (!partition.getJoiningNodeId().isEmpty()) {
          listing.add(
              partition.getLeavingNodeId().isEmpty() ? "add-replica" : "move-replica",
              "partition " + partition.getPartitionId(),
              partition.getJoiningNodeId(),
              partition.getLeavingNodeId(),
              1L);
        }
        if (partition.hasSplit()) {
          boolean made = partition.getState() == PartitionDescriptor.State.CLOSED;
          listing.add(
              made ? "close-split" : "split",
              "partition " + partition.getPartitionId(),
              partition.getSplit().getFirstId() + "," + partition.getSplit().getSecondId(),
              "",
              made ? 0L : 1L);
        }
      }
      for (NodeDescriptor node : cluster.snapshot().nodes()) {
        if (node.getState() == NodeDescriptor.State.DRAINING) {
          listing.add(
              "drain", node.getNodeId(), "", node.getNodeId(), replicas(cluster, node.getNodeId()));
        }
      }
      options.print(listing);
    }
  }

  /** Replicas that a node has, or is getting. */
  static long replicas(ClusterConnection cluster, String node) {
    return cluster.snapshot().partitionDescriptors().stream()
        .filter(
            partition ->
                partition.getReplicaNodeIdsList().contains(node)
                    || List.of(partition.getJoiningNodeId()).contains(node))
        .count();
  }
}
