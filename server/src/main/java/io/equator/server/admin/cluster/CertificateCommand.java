package io.equator.server.admin.cluster;

import io.equator.coordinator.cluster.NodeWatch.View;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeStatus;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin certificate}: when the certificates of the nodes end. */
@Command(
    name = "certificate",
    sortOptions = false,
    description = {
      "Tell when the certificate of each node ends; nodes renew them when a third of the time is"
          + " left.",
      ""
    })
public final class CertificateCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      View view = cluster.view();
      Listing listing = new Listing("node", "answers", "certificate ends", "days left");
      for (NodeDescriptor node : cluster.snapshot().nodes()) {
        NodeStatus status = view.answers().get(new NodeId(node.getNodeId()));
        long ends = status == null ? 0 : status.getCertificateEndsMillis();
        listing.add(
            node.getNodeId(),
            status != null,
            ends == 0 ? "" : Instant.ofEpochMilli(ends).toString(),
            ends == 0
                ? ""
                : Long.toString(
                    Duration.between(Instant.now(), Instant.ofEpochMilli(ends)).toDays()));
      }
      options.print(listing);
    }
  }
}
