package io.equator.server.admin.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeStatus;
import io.equator.proto.ReplicaStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin nodes}: who is there, and what each holds. */
@Command(
    name = "nodes",
    sortOptions = false,
    description = {"List the nodes, what each of them holds, and how it says that it is.", ""})
public final class NodesCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      View view = cluster.view();
      Listing listing =
          new Listing(
              "node",
              "zone",
              "state",
              "answers",
              "catalog",
              "replicas",
              "leads",
              "bytes",
              "services",
              "clients",
              "version",
              "unfit");
      for (NodeDescriptor node : cluster.snapshot().nodes()) {
        NodeId id = new NodeId(node.getNodeId());
        NodeStatus status = view.answers().getOrDefault(id, NodeStatus.getDefaultInstance());
        listing.add(
            node.getNodeId(),
            node.getZone(),
            node.getState().name().toLowerCase(java.util.Locale.ROOT),
            view.answers().containsKey(id),
            node.getCatalogMember()
                ? view.leaderOf(0).equals(java.util.Optional.of(id)) ? "leader" : "member"
                : "",
            (long) status.getReplicasCount(),
            status.getReplicasList().stream().filter(ReplicaStatus::getLeads).count(),
            status.getReplicasList().stream().mapToLong(ReplicaStatus::getSizeBytes).sum(),
            node.getServiceAddress(),
            node.getApiAddress(),
            status.getVersion(),
            status.getUnfit().isEmpty() ? status.getStrained() : status.getUnfit());
      }
      options.print(listing);
    }
  }
}
