package io.equator.server.admin.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.coordinator.cluster.PartitionsRest;
import io.equator.partitioner.NodeId;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicaStatus;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin partitions}: where replicas are, who leads, how far each is. */
@Command(
    name = "partitions",
    sortOptions = false,
    description = {
      "List the partitions: leader, replicas, size, and how many entries the last replica is"
          + " behind.",
      ""
    })
public final class PartitionsCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      View view = cluster.view();
      Listing listing =
          new Listing(
              "partition",
              "ring",
              "state",
              "epoch",
              "leader",
              "term",
              "replicas",
              "joining",
              "leaving",
              "items",
              "bytes",
              "applied",
              "behind");
      for (PartitionDescriptor partition : cluster.snapshot().partitionDescriptors()) {
        long id = partition.getPartitionId();
        Optional<NodeId> leader = view.leaderOf(id);
        ReplicaStatus leading =
            leader
                .flatMap(node -> view.replica(node, id))
                .orElse(ReplicaStatus.getDefaultInstance());
        long last =
            partition.getReplicaNodeIdsList().stream()
                .flatMap(node -> view.replica(new NodeId(node), id).stream())
                .mapToLong(ReplicaStatus::getAppliedIndex)
                .min()
                .orElse(0);
        listing.add(
            id,
            (long) partition.getRingId(),
            PartitionsRest.state(partition),
            partition.getEpoch(),
            leader.map(NodeId::value).orElse(""),
            leading.getTerm(),
            partition.getReplicaNodeIdsList(),
            partition.getJoiningNodeId(),
            partition.getLeavingNodeId(),
            leading.getItemCount(),
            leading.getSizeBytes(),
            leading.getAppliedIndex(),
            Math.max(0, leading.getAppliedIndex() - last));
      }
      options.print(listing);
    }
  }
}
