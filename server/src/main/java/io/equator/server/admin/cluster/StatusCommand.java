package io.equator.server.admin.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.partitioner.NodeId;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin status}: whether all is well, and what is not. */
@Command(
    name = "status",
    sortOptions = false,
    description = {
      "Say how the cluster is, in a few lines; exit code 1 when something is amiss.",
      ""
    })
public final class StatusCommand implements java.util.concurrent.Callable<Integer> {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public Integer call() {
    try (ClusterConnection cluster = options.connect()) {
      CatalogSnapshot snapshot = cluster.snapshot();
      View view = cluster.view();
      List<String> amiss = amiss(snapshot, view);
      ClusterDescriptor descriptor = snapshot.cluster().orElseThrow();
      long moving =
          snapshot.partitionDescriptors().stream()
              .filter(partition -> !partition.getJoiningNodeId().isEmpty())
              .count();
      long partitions =
          snapshot.partitionDescriptors().stream()
              .filter(partition -> partition.getState() == PartitionDescriptor.State.SERVING)
              .count();
      options.print(
          new Listing(
                  "cluster",
                  "region",
                  "revision",
                  "nodes",
                  "answering",
                  "partitions",
                  "moving",
                  "catalog leader",
                  "catalog",
                  "amiss")
              .add(
                  descriptor.getClusterId(),
                  descriptor.getRegion(),
                  snapshot.revision(),
                  (long) snapshot.nodes().size(),
                  (long) view.answers().size(),
                  partitions,
                  moving,
                  view.leaderOf(0).map(NodeId::value).orElse(""),
                  view.leaderOf(0)
                      .flatMap(leader -> view.replica(leader, 0))
                      .map(ReplicaStatus::getMemberNodeIdsList)
                      .map(List::copyOf)
                      .orElse(List.of()),
                  amiss));
      return amiss.isEmpty() ? 0 : 1;
    }
  }

  private static List<String> amiss(CatalogSnapshot snapshot, View view) {
    List<String> amiss = new ArrayList<>();
    int wanted = snapshot.cluster().orElseThrow().getReplicationFactor();
    for (NodeDescriptor node : snapshot.nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      if (!view.answers().containsKey(id)) {
        amiss.add(id + " does not answer");
      } else if (!view.answers().get(id).getUnfit().isEmpty()) {
        amiss.add(id + " serves nothing: " + view.answers().get(id).getUnfit());
      } else if (!view.answers().get(id).getStrained().isEmpty()) {
        amiss.add(id + " is strained: " + view.answers().get(id).getStrained());
      }
    }
    if (view.leaderOf(0).isEmpty()) {
      amiss.add("the catalog has no leader");
    }
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      if (partition.getState() == PartitionDescriptor.State.EMBRYO) {
        continue;
      }
      long id = partition.getPartitionId();
      if (view.leaderOf(id).isEmpty()) {
        amiss.add("partition " + id + " has no leader");
      }
      long there =
          partition.getReplicaNodeIdsList().stream()
              .filter(node -> view.replica(new NodeId(node), id).isPresent())
              .count();
      if (there < wanted) {
        amiss.add("partition " + id + " has " + there + " replicas of " + wanted);
      }
    }
    return amiss;
  }
}
