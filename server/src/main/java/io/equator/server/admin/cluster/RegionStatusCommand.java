package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.FederationCondition;
import io.equator.proto.FederationStatusRequest;
import io.equator.proto.FederationStatusResponse;
import io.equator.proto.FederationStatusServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin region status}: how each coordinator stands with each other region. */
@Command(
    name = "status",
    sortOptions = false,
    description = {
      "Say how each coordinator of this cluster stands with each other region: when they last"
          + " traded documents (seconds ago), how long a call takes, how far the clock there is"
          + " ahead; exit code 1 when a region does not answer one of them.",
      ""
    })
public final class RegionStatusCommand implements Callable<Integer> {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public Integer call() {
    boolean amiss = false;
    Listing listing =
        new Listing(
            "coordinator",
            "region",
            "traded ago",
            "round trip ms",
            "clock ahead ms",
            "unsent there",
            "silent s",
            "trouble");
    try (ClusterConnection cluster = options.connect()) {
      for (NodeDescriptor node : cluster.snapshot().nodes()) {
        if (node.getApiAddress().isEmpty()) {
          continue;
        }
        try {
          for (FederationCondition condition : ask(cluster, node).getConditionsList()) {
            amiss |= !condition.getTrouble().isEmpty() || condition.getExchangedMillis() == 0;
            listing.add(
                node.getNodeId(),
                condition.getRegion(),
                ago(condition.getExchangedMillis()),
                condition.getRoundTripMillis(),
                condition.getOffsetMillis(),
                condition.getUnsentRecords(),
                cluster
                        .snapshot()
                        .regionSilence(condition.getRegion())
                        .map(object -> object.getRegionSilence().getSilentMillis())
                        .orElse(0L)
                    / 1_000,
                condition.getTrouble());
          }
        } catch (StatusRuntimeException e) {
          amiss = true;
          listing.add(
              node.getNodeId(),
              "",
              "never",
              0L,
              0L,
              0L,
              0L,
              "it does not answer: " + e.getStatus());
        }
      }
    }
    options.print(listing);
    return amiss ? 1 : 0;
  }

  private static FederationStatusResponse ask(ClusterConnection cluster, NodeDescriptor node) {
    return FederationStatusServiceGrpc.newBlockingStub(
            cluster.channel(new NodeId(node.getNodeId())))
        .withDeadlineAfter(ANSWER_WITHIN)
        .status(FederationStatusRequest.getDefaultInstance());
  }

  private static String ago(long millis) {
    return millis == 0
        ? "never"
        : Math.max(0, (System.currentTimeMillis() - millis) / 1_000) + " s";
  }
}
