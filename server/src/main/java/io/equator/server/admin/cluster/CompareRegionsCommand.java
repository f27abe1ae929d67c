package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.CompareRegionsRequest;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.RegionNodeServiceGrpc;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.server.Refusal;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin compare-regions}: whether the other regions have what this one has. */
@Command(
    name = "compare-regions",
    sortOptions = false,
    description = {
      "Compare what this region has of a global table with what each other region has, key by key,"
          + " and send what is missing there. Exit code 1 when anything differed, or something"
          + " could not be compared.",
      "",
      "Run it in each region: what only another region has is seen from there. Keys written after"
          + " the cut are left out.",
      ""
    })
public final class CompareRegionsCommand implements Callable<Integer> {
  /** Reading is slowed down on purpose, so a big table takes its time. */
  private static final long ANSWER_WITHIN_HOURS = 24;

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "TABLE", description = "The table's name.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String name;

  @Override
  public Integer call() {
    try (ClusterConnection cluster = options.connect()) {
      TableView table =
          cluster.snapshot().tables().values().stream()
              .filter(one -> one.name().equals(name))
              .filter(one -> one.descriptor().getReplication().getTargetsCount() > 0)
              .findFirst()
              .orElseThrow(
                  () -> new Refusal("there is no table " + name + " that other regions have."));
      List<RegionComparisonReport> reports = compare(cluster, table);
      int expected = cluster.snapshot().partitions().ring(table.ringId()).partitions().size();
      Listing listing =
          new Listing(
              "region",
              "partitions",
              "keys compared",
              "too young",
              "different",
              "merged",
              "corrupt",
              "cut",
              "trouble");
      boolean amiss = false;
      for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
        List<RegionComparisonReport> some =
            reports.stream()
                .filter(report -> report.getRegion().equals(target.getRegion()))
                .toList();
        amiss |= add(listing, target.getRegion(), some, expected);
      }
      options.print(listing);
      return amiss ? 1 : 0;
    }
  }

  private static boolean add(
      Listing listing, String region, List<RegionComparisonReport> reports, int expected) {
    long done = reports.stream().filter(report -> report.getTrouble().isEmpty()).count();
    long different = reports.stream().mapToLong(RegionComparisonReport::getDifferent).sum();
    long corrupt = reports.stream().mapToLong(RegionComparisonReport::getCorrupt).sum();
    Optional<String> trouble =
        reports.stream()
            .map(RegionComparisonReport::getTrouble)
            .filter(one -> !one.isEmpty())
            .findFirst();
    long cut =
        reports.stream()
            .filter(report -> report.getCut() != 0)
            .mapToLong(report -> HybridTimestamp.millisOf(report.getCut()))
            .min()
            .orElse(0);
    listing.add(
        region,
        done + " of " + expected,
        reports.stream().mapToLong(RegionComparisonReport::getCompared).sum(),
        reports.stream().mapToLong(RegionComparisonReport::getYoung).sum(),
        different,
        reports.stream().mapToLong(RegionComparisonReport::getMerged).sum(),
        corrupt,
        cut == 0 ? "" : Instant.ofEpochMilli(cut).toString(),
        trouble.orElse(done < expected ? "not every partition's leader answers" : ""));
    return done < expected || different > 0 || corrupt > 0;
  }

  /** All nodes at once: each compares what it leads. */
  private static List<RegionComparisonReport> compare(ClusterConnection cluster, TableView table) {
    CompareRegionsRequest request =
        CompareRegionsRequest.newBuilder().setTableId(table.id()).build();
    List<RegionComparisonReport> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<RegionComparisonReport>>> answers = new ArrayList<>();
      for (NodeDescriptor node : cluster.snapshot().nodes()) {
        if (!node.getStoresNothing()) {
          answers.add(threads.submit(() -> ask(cluster, new NodeId(node.getNodeId()), request)));
        }
      }
      for (Future<List<RegionComparisonReport>> answer : answers) {
        all.addAll(answer.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a node could not be asked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted.", e);
    }
    return all;
  }

  /** Nothing when the node does not answer: its partitions are missed in what is printed. */
  private static List<RegionComparisonReport> ask(
      ClusterConnection cluster, NodeId node, CompareRegionsRequest request) {
    try {
      return RegionNodeServiceGrpc.newBlockingStub(cluster.channel(node))
          .withDeadlineAfter(ANSWER_WITHIN_HOURS, TimeUnit.HOURS)
          .compareRegions(request)
          .getReportsList();
    } catch (StatusRuntimeException _) {
      return List.of();
    }
  }
}
