package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeDescriptor.State;
import io.equator.server.Refusal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin drain}: a node gives its replicas to others. */
@Command(
    name = "drain",
    sortOptions = false,
    description = {
      "Let a node give its replicas, and its part in the catalog, to others; then it can be"
          + " removed.",
      ""
    })
public final class DrainCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "NODE", description = "The node.")
  private String node = "";

  @Option(names = "--undo", description = "Let it have replicas again.")
  private boolean undo;

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      if (!undo) {
        requireRoom(cluster);
      }
      ClusterConnection.made(
          cluster
              .steps()
              .node(
                  new NodeId(node),
                  now -> now.toBuilder().setState(undo ? State.ACTIVE : State.DRAINING).build()));
      options.line(
          undo
              ? node + " may have replicas again."
              : "Begun; `equator admin operations` shows what is left, then `equator admin remove "
                  + node
                  + "`.");
    }
  }

  private void requireRoom(ClusterConnection cluster) {
    long others =
        cluster.snapshot().nodes().stream()
            .filter(other -> !other.getNodeId().equals(node))
            .filter(other -> !other.getStoresNothing() && other.getState() == State.ACTIVE)
            .map(NodeDescriptor::getNodeId)
            .count();
    int wanted = cluster.snapshot().cluster().orElseThrow().getReplicationFactor();
    if (others < wanted && OperationsCommand.replicas(cluster, node) > 0) {
      throw new Refusal(
          node
              + " cannot be drained: each partition has "
              + wanted
              + " replicas, and only "
              + others
              + " other nodes could hold them. Add a node first.");
    }
  }
}
