package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexScrubReport;
import io.equator.proto.IndexServiceGrpc;
import io.equator.proto.PartitionRef;
import io.equator.proto.ScrubIndexRequest;
import io.equator.proto.ScrubIndexResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.server.Refusal;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin index check}: compares global indexes with their table now. */
@Command(
    name = "check",
    sortOptions = false,
    description = {
      "Compare a table's global indexes with its items, both ways, while it is used. A row that is"
          + " missing, different or not called for by an item is put right.",
      ""
    })
public final class IndexCheckCommand implements Runnable {
  /** Reading is slowed down on purpose, so a big partition takes its time. */
  private static final long ANSWER_WITHIN_HOURS = 6;

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(index = "0", paramLabel = "TABLE", description = "The table's name.")
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private String table;

  @Parameters(
      index = "1",
      paramLabel = "INDEX",
      arity = "0..1",
      description = "The index's name; without it all of them, one after the other.")
  private @Nullable String index;

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      Listing listing =
          new Listing(
              "index",
              "partition",
              "items",
              "rows",
              "missing",
              "different",
              "unexpected",
              "repaired",
              "unsettled",
              "unreadable",
              "incomplete");
      CatalogSnapshot snapshot = cluster.snapshot();
      TableView view =
          snapshot.table(table).orElseThrow(() -> new Refusal("there is no table " + table + "."));
      List<IndexView> chosen =
          view.globalIndexes().stream()
              .filter(each -> index == null || each.name().equals(index))
              .toList();
      if (index != null && chosen.isEmpty()) {
        throw new Refusal("table " + table + " has no global index " + index + ".");
      }
      for (IndexView each : chosen) {
        for (Partition partition : snapshot.partitions().ring(view.ringId()).partitions()) {
          add(listing, each.name(), check(cluster, view, each, partition));
        }
      }
      options.print(listing);
    }
  }

  private static IndexScrubReport check(
      ClusterConnection cluster, TableView table, IndexView index, Partition partition) {
    long id = partition.id().value();
    NodeId leader = cluster.leaderOf(id);
    try {
      ScrubIndexResponse response =
          IndexServiceGrpc.newBlockingStub(cluster.channel(leader))
              .withDeadlineAfter(ANSWER_WITHIN_HOURS, TimeUnit.HOURS)
              .scrub(
                  ScrubIndexRequest.newBuilder()
                      .setPartition(
                          PartitionRef.newBuilder()
                              .setPartitionId(id)
                              .setEpoch(partition.epoch().value()))
                      .setTableId(table.id())
                      .setIndexId(index.id())
                      .build());
      if (!response.hasReport()) {
        throw new Refusal(
            "index "
                + index.name()
                + " was not compared in partition "
                + id
                + ": "
                + response.getRedirect().getReason()
                + " "
                + response.getRedirect().getDetail()
                + ".");
      }
      return response.getReport();
    } catch (StatusRuntimeException e) {
      throw new Refusal(
          "index "
              + index.name()
              + " was not compared in partition "
              + id
              + ": "
              + e.getStatus()
              + ".",
          e);
    }
  }

  private static void add(Listing listing, String index, IndexScrubReport report) {
    IndexDifferences items = report.getItems();
    IndexDifferences rows = report.getRows();
    listing.add(
        index,
        report.getPartitionId(),
        items.getChecked(),
        rows.getChecked(),
        items.getMissing() + rows.getMissing(),
        items.getDifferent() + rows.getDifferent(),
        items.getUnexpected() + rows.getUnexpected(),
        items.getRepaired() + rows.getRepaired(),
        items.getUnsettled() + rows.getUnsettled(),
        items.getUnreadable() + rows.getUnreadable(),
        report.getIncomplete());
  }
}
