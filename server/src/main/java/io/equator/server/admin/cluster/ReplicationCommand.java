package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.FederationStatusRequest;
import io.equator.proto.FederationStatusServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RegionNodeServiceGrpc;
import io.equator.proto.ReplicationArrivals;
import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationProgressRequest;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.server.Refusal;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin replication}: how far each table is on its way to each other region. */
@Command(
    name = "replication",
    sortOptions = false,
    description = {
      "Say how far this region's writes of each global table are on their way to each other region,"
          + " and what has come from there; from what the leaders and coordinators say now. Exit"
          + " code 1 when something does not go on.",
      "",
      "Counts are since the leaders, or the coordinators, began. \"lost\" met a greater version, or"
          + " was there already. A time of -1 is not known.",
      ""
    })
public final class ReplicationCommand implements Callable<Integer> {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Option(names = "--table", paramLabel = "NAME", description = "Only this table.")
  private @Nullable String only;

  @Option(names = "--partitions", description = "A line for each partition, with its cursor.")
  private boolean partitions;

  @Override
  public Integer call() {
    try (ClusterConnection cluster = options.connect()) {
      List<TableView> tables =
          cluster.snapshot().tables().values().stream()
              .filter(table -> table.descriptor().getReplication().getTargetsCount() > 0)
              .filter(table -> only == null || table.name().equals(only))
              .sorted(java.util.Comparator.comparing(TableView::name))
              .toList();
      if (only != null && tables.isEmpty()) {
        throw new Refusal("there is no table " + only + " that other regions have.");
      }
      long now = System.currentTimeMillis();
      List<ReplicationArrivals> arrivals = arrivals(cluster);
      Listing listing = partitions ? byPartition() : byRegion();
      boolean amiss = false;
      for (TableView table : tables) {
        List<ReplicationProgress> progress = progress(cluster, table);
        for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
          List<ReplicationProgress> lanes =
              progress.stream()
                  .filter(lane -> lane.getRegion().equals(target.getRegion()))
                  .filter(lane -> lane.getGeneration() == target.getGeneration())
                  .toList();
          int expected = cluster.snapshot().partitions().ring(table.ringId()).partitions().size();
          amiss |= lanes.size() < expected || !trouble(lanes, expected).isEmpty();
          if (partitions) {
            lanes.forEach(lane -> addLane(listing, table, lane, now));
          } else {
            addRegion(listing, table, target, lanes, expected, arrivals, now);
          }
        }
      }
      options.print(listing);
      return amiss ? 1 : 0;
    }
  }

  private static Listing byRegion() {
    return new Listing(
        "table",
        "region",
        "partitions",
        "filled",
        "pending",
        "lag ms",
        "resolved lag ms",
        "latency ms",
        "sent",
        "taken there",
        "lost there",
        "came",
        "taken here",
        "lost here",
        "last came ms ago",
        "clock refusals",
        "tombstones",
        "trouble");
  }

  private static Listing byPartition() {
    return new Listing(
        "table",
        "region",
        "partition",
        "filled",
        "walked items",
        "pending",
        "lag ms",
        "resolved lag ms",
        "sent",
        "taken there",
        "lost there",
        "cursor",
        "tombstones",
        "trouble");
  }

  private static void addRegion(
      Listing listing,
      TableView table,
      ReplicationTarget target,
      List<ReplicationProgress> lanes,
      int expected,
      List<ReplicationArrivals> arrivals,
      long now) {
    List<ReplicationArrivals> came =
        arrivals.stream()
            .filter(one -> one.getRegion().equals(target.getRegion()))
            .filter(
                one ->
                    one.getGlobalTableId()
                        .equals(table.descriptor().getReplication().getGlobalTableId()))
            .toList();
    long latencies = lanes.stream().mapToLong(ReplicationProgress::getLatencyItems).sum();
    long latencyMillis = lanes.stream().mapToLong(ReplicationProgress::getLatencyMillis).sum();
    long last = came.stream().mapToLong(ReplicationArrivals::getLastMillis).max().orElse(0);
    long taken = came.stream().mapToLong(ReplicationArrivals::getTaken).sum();
    long lost = came.stream().mapToLong(ReplicationArrivals::getLost).sum();
    listing.add(
        table.name(),
        target.getRegion(),
        lanes.size() + " of " + expected,
        lanes.size() == expected && lanes.stream().allMatch(ReplicationProgress::getWalked),
        lanes.stream().mapToLong(ReplicationProgress::getPendingRecords).sum(),
        lanes.stream().mapToLong(lane -> lag(lane, now)).max().orElse(-1),
        resolvedLag(lanes, expected, now),
        latencies == 0 ? -1L : latencyMillis / latencies,
        lanes.stream().mapToLong(ReplicationProgress::getSentItems).sum(),
        lanes.stream().mapToLong(ReplicationProgress::getTakenItems).sum(),
        lanes.stream().mapToLong(ReplicationProgress::getLostItems).sum(),
        taken + lost,
        taken,
        lost,
        last == 0 ? -1L : Math.max(0, now - last),
        lanes.stream().mapToLong(ReplicationProgress::getClockRefusals).sum()
            + came.stream().mapToLong(ReplicationArrivals::getClockRefusals).sum(),
        lanes.stream().mapToLong(ReplicationProgress::getTombstones).sum(),
        trouble(lanes, expected));
  }

  private static void addLane(
      Listing listing, TableView table, ReplicationProgress lane, long now) {
    listing.add(
        table.name(),
        lane.getRegion(),
        lane.getPartitionId(),
        lane.getWalked(),
        lane.getWalkedItems(),
        lane.getPendingRecords(),
        lag(lane, now),
        resolvedLag(List.of(lane), 1, now),
        lane.getSentItems(),
        lane.getTakenItems(),
        lane.getLostItems(),
        lane.getCursor().getLogIndex() + "." + lane.getCursor().getPosition(),
        lane.getTombstones(),
        lane.getTrouble());
  }

  private static long lag(ReplicationProgress lane, long now) {
    long oldest = lane.getOldestUnshippedMillis();
    return oldest == 0 ? 0 : Math.max(0, now - oldest);
  }

  /** The age of what the target has for certain, of the partition that is furthest behind. */
  private static long resolvedLag(List<ReplicationProgress> lanes, int expected, long now) {
    if (lanes.size() < expected || lanes.stream().anyMatch(lane -> lane.getResolved() == 0)) {
      return -1;
    }
    return lanes.stream()
        .mapToLong(lane -> Math.max(0, now - HybridTimestamp.millisOf(lane.getResolved())))
        .max()
        .orElse(-1);
  }

  private static String trouble(List<ReplicationProgress> lanes, int expected) {
    Optional<String> first =
        lanes.stream()
            .map(ReplicationProgress::getTrouble)
            .filter(trouble -> !trouble.isEmpty())
            .findFirst();
    return first.orElse(lanes.size() < expected ? "not every partition's leader answers" : "");
  }

  private static List<ReplicationProgress> progress(ClusterConnection cluster, TableView table) {
    List<ReplicationProgress> all = new ArrayList<>();
    ReplicationProgressRequest request =
        ReplicationProgressRequest.newBuilder()
            .setTableId(table.id())
            .setCountTombstones(true)
            .build();
    for (NodeDescriptor node : cluster.snapshot().nodes()) {
      if (node.getStoresNothing()) {
        continue;
      }
      try {
        all.addAll(
            RegionNodeServiceGrpc.newBlockingStub(cluster.channel(new NodeId(node.getNodeId())))
                .withDeadlineAfter(ANSWER_WITHIN)
                .progress(request)
                .getProgressList());
      } catch (StatusRuntimeException _) {
        // Its partitions are missed in what is printed, unless others lead them by now.
      }
    }
    return all;
  }

  private static List<ReplicationArrivals> arrivals(ClusterConnection cluster) {
    List<ReplicationArrivals> all = new ArrayList<>();
    for (NodeDescriptor node : cluster.snapshot().nodes()) {
      if (node.getApiAddress().isEmpty()) {
        continue;
      }
      try {
        all.addAll(
            FederationStatusServiceGrpc.newBlockingStub(
                    cluster.channel(new NodeId(node.getNodeId())))
                .withDeadlineAfter(ANSWER_WITHIN)
                .status(FederationStatusRequest.getDefaultInstance())
                .getArrivalsList());
      } catch (StatusRuntimeException _) {
        // What came to it is not counted.
      }
    }
    return all;
  }
}
