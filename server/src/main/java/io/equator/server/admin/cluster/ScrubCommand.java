package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.IntegrityServiceGrpc;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionRef;
import io.equator.proto.ReplicaDigest;
import io.equator.proto.ScrubReport;
import io.equator.proto.ScrubRequest;
import io.equator.proto.ScrubResponse;
import io.equator.server.Refusal;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin scrub}: compares the replicas of partitions now. */
@Command(
    name = "scrub",
    sortOptions = false,
    description = {
      "Compare the replicas of partitions, row by row, at one entry of their logs. One that differs"
          + " from a majority, or is damaged, is made anew from the others.",
      ""
    })
public final class ScrubCommand implements Runnable {
  /** Reading is slowed down on purpose, so a big partition takes its time. */
  private static final long ANSWER_WITHIN_HOURS = 6;

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(
      paramLabel = "PARTITION",
      arity = "0..1",
      description = "The partition's number; without it all of them, one after the other.")
  private @Nullable Long partition;

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      Listing listing = new Listing("partition", "verdict", "entry", "rows", "replicas");
      List<PartitionDescriptor> chosen =
          partition == null
              ? List.copyOf(cluster.snapshot().partitionDescriptors())
              : List.of(cluster.partition(partition));
      for (PartitionDescriptor each : chosen) {
        add(listing, scrub(cluster, each));
      }
      options.print(listing);
    }
  }

  private static ScrubReport scrub(ClusterConnection cluster, PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    NodeId leader = cluster.leaderOf(id);
    try {
      ScrubResponse response =
          IntegrityServiceGrpc.newBlockingStub(cluster.channel(leader))
              .withDeadlineAfter(ANSWER_WITHIN_HOURS, TimeUnit.HOURS)
              .scrub(
                  ScrubRequest.newBuilder()
                      .setPartition(
                          PartitionRef.newBuilder()
                              .setPartitionId(id)
                              .setEpoch(partition.getEpoch()))
                      .build());
      if (!response.hasReport()) {
        throw new Refusal(
            "partition "
                + id
                + " was not compared: "
                + response.getRedirect().getReason()
                + " "
                + response.getRedirect().getDetail()
                + ".");
      }
      return response.getReport();
    } catch (StatusRuntimeException e) {
      throw new Refusal("partition " + id + " was not compared: " + e.getStatus() + ".", e);
    }
  }

  private static void add(Listing listing, ScrubReport report) {
    long rows = 0;
    List<String> replicas = new ArrayList<>();
    for (ReplicaDigest replica : report.getReplicasList()) {
      rows = Math.max(rows, replica.getDigest().getRows());
      String outcome = word(replica.getDigest().getOutcome().name());
      String detail = replica.getDigest().getDetail();
      replicas.add(
          replica.getNodeId() + " " + outcome + (detail.isEmpty() ? "" : " (" + detail + ")"));
    }
    listing.add(
        report.getPartitionId(),
        word(report.getVerdict().name()),
        report.getLogIndex(),
        rows,
        replicas);
  }

  private static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
