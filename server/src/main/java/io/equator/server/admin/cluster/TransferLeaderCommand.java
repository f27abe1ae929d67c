package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.MembershipServiceGrpc;
import io.equator.proto.TransferLeadershipRequest;
import io.equator.proto.TransferLeadershipResponse;
import io.equator.server.Refusal;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin transfer-leader}: another replica leads. */
@Command(
    name = "transfer-leader",
    sortOptions = false,
    description = {"Let another replica of a partition lead it; 0 for the catalog.", ""})
public final class TransferLeaderCommand implements Runnable {
  private static final long LEADS_WITHIN_SECONDS = 20;
  private static final long LOOK_MILLIS = 200;

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "PARTITION", description = "The partition's number.")
  private long partition;

  @Option(names = "--to", required = true, paramLabel = "NODE", description = "Is to lead.")
  private String to = "";

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      NodeId leader = cluster.leaderOf(partition);
      NodeId successor = new NodeId(to);
      if (leader.equals(successor)) {
        options.line(to + " leads already.");
        return;
      }
      TransferLeadershipResponse answer =
          MembershipServiceGrpc.newBlockingStub(cluster.channel(leader))
              .withDeadlineAfter(10, TimeUnit.SECONDS)
              .transferLeadership(
                  TransferLeadershipRequest.newBuilder()
                      .setPartitionId(partition)
                      .setToNodeId(to)
                      .build());
      if (!answer.getAccepted()) {
        throw new Refusal(answer.getDetail() + ".");
      }
      awaitLeader(cluster, successor);
      options.line(to + " leads.");
    }
  }

  private void awaitLeader(ClusterConnection cluster, NodeId successor) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LEADS_WITHIN_SECONDS);
    while (System.nanoTime() - end < 0) {
      if (cluster.view().leaderOf(partition).filter(successor::equals).isPresent()) {
        return;
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Refusal("interrupted.", e);
      }
    }
    throw new Refusal(to + " does not lead yet; it may be behind.");
  }
}
