package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.server.Refusal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin remove}: a node that holds nothing leaves the cluster. */
@Command(
    name = "remove",
    sortOptions = false,
    description = {
      "Remove a node that holds nothing any more. It is let in no more under this id.",
      ""
    })
public final class RemoveCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "NODE", description = "The node.")
  private String node = "";

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      NodeId id = new NodeId(node);
      NodeDescriptor known =
          cluster
              .snapshot()
              .node(id)
              .orElseThrow(() -> new Refusal("there is no node " + id + "."));
      long replicas = OperationsCommand.replicas(cluster, node) - keptByNobody(cluster, id);
      if (replicas > 0) {
        throw new Refusal(
            node
                + " still has "
                + replicas
                + " replicas; drain it first, and wait until it is done.");
      }
      if (known.getCatalogMember()) {
        throw new Refusal(node + " still keeps the catalog; drain it first.");
      }
      ClusterConnection.made(cluster.steps().remove(id));
      options.line(node + " is no node of the cluster any more.");
    }
  }

  /**
   * Partitions that have been split and whose group has no majority any more: nobody can move them
   * away, and a node that never answers again would be kept for ever.
   */
  private static long keptByNobody(ClusterConnection cluster, NodeId node) {
    return cluster.view().answers().containsKey(node)
        ? 0
        : cluster.snapshot().partitionDescriptors().stream()
            .filter(partition -> partition.getState() == PartitionDescriptor.State.CLOSED)
            .filter(partition -> partition.getReplicaNodeIdsList().contains(node.value()))
            .filter(partition -> cluster.view().leaderOf(partition.getPartitionId()).isEmpty())
            .count();
  }
}
