package io.equator.server.admin.cluster;

import io.equator.partitioner.MovePlanner.Move;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.server.Refusal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin move}: one replica to another node. */
@Command(
    name = "move",
    sortOptions = false,
    description = {
      "Move one replica of a partition to another node; the cluster does it by itself.",
      ""
    })
public final class MoveCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "PARTITION", description = "The partition's number.")
  private long partition;

  @Option(names = "--to", required = true, paramLabel = "NODE", description = "Gets the replica.")
  private String to = "";

  @Option(
      names = "--from",
      paramLabel = "NODE",
      description = "Gives up its own; without it the partition gets one replica more.")
  private @Nullable String from;

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      cluster.partition(partition);
      NodeId target = new NodeId(to);
      var node =
          cluster
              .snapshot()
              .node(target)
              .orElseThrow(() -> new Refusal("there is no node " + target + "."));
      if (node.getStoresNothing()) {
        throw new Refusal(target + " is a coordinator only and stores nothing.");
      }
      ClusterConnection.made(
          cluster
              .steps()
              .begin(
                  new Move(
                      new PartitionId(partition),
                      target,
                      Optional.ofNullable(from).map(NodeId::new),
                      "an operator asked for it")));
      options.line("Begun; `equator admin operations` shows when it is done.");
    }
  }
}
