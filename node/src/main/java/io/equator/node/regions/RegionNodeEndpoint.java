package io.equator.node.regions;

import com.google.protobuf.ByteString;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.regions.RegionLane.Backlog;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.Reply;
import io.equator.proto.CompareRegionsRequest;
import io.equator.proto.CompareRegionsResponse;
import io.equator.proto.PassTombstonesRequest;
import io.equator.proto.PassTombstonesResponse;
import io.equator.proto.RegionNodeServiceGrpc;
import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationProgressRequest;
import io.equator.proto.ReplicationProgressResponse;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells this region's coordinators how far the other regions are. */
public final class RegionNodeEndpoint extends RegionNodeServiceGrpc.RegionNodeServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(RegionNodeEndpoint.class);
  private static final int COUNT_MAX = 1_000;
  private static final long TOMBSTONES_MAX = 10_000;

  private final HostedPartitions partitions;
  private final Supplier<CatalogSnapshot> catalog;
  private final RegionPumps pumps;
  private final TombstoneSweep tombstones;
  private final RegionComparer comparer;

  /** Answers for the partitions of a node. */
  public RegionNodeEndpoint(
      HostedPartitions partitions,
      Supplier<CatalogSnapshot> catalog,
      RegionPumps pumps,
      TombstoneSweep tombstones,
      RegionComparer comparer) {
    this.partitions = partitions;
    this.catalog = catalog;
    this.pumps = pumps;
    this.tombstones = tombstones;
    this.comparer = comparer;
  }

  @Override
  public void passTombstones(
      PassTombstonesRequest request, StreamObserver<PassTombstonesResponse> caller) {
    tombstones.pass(request.getTableId(), request.getHorizon());
    comparer.passed(request.getTableId(), request.getTargetsList(), request.getHorizon());
    new Reply<>(caller).send(PassTombstonesResponse.getDefaultInstance());
  }

  @Override
  public void compareRegions(
      CompareRegionsRequest request, StreamObserver<CompareRegionsResponse> caller) {
    Reply<CompareRegionsResponse> reply = new Reply<>(caller);
    Thread.ofVirtual().start(() -> compare(request.getTableId(), reply));
  }

  private void compare(int table, Reply<CompareRegionsResponse> reply) {
    CompareRegionsResponse.Builder response = CompareRegionsResponse.newBuilder();
    try {
      response.addAllReports(comparer.compare(table));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.info("the node closes while it compares a table with other regions", e);
    }
    reply.send(response.build());
  }

  @Override
  public void progress(
      ReplicationProgressRequest request, StreamObserver<ReplicationProgressResponse> caller) {
    ReplicationProgressResponse.Builder response = ReplicationProgressResponse.newBuilder();
    catalog
        .get()
        .table(request.getTableId())
        .ifPresent(
            table -> {
              for (HostedPartition partition : partitions.all()) {
                if (partition.leads() && partition.descriptor().ringId() == table.ringId()) {
                  long tombstones = request.getCountTombstones() ? tombstones(table, partition) : 0;
                  add(table, partition, tombstones, response);
                }
              }
            });
    new Reply<>(caller).send(response.build());
  }

  private static long tombstones(TableView table, HostedPartition partition) {
    long count = 0;
    ByteString after = ByteString.EMPTY;
    while (count < TOMBSTONES_MAX) {
      List<StoredItem> rows = partition.reader().tombstones(table.id(), after, COUNT_MAX);
      if (rows.isEmpty()) {
        break;
      }
      count += rows.size();
      after = rows.getLast().suffix();
    }
    return count;
  }

  private void add(
      TableView table,
      HostedPartition partition,
      long tombstones,
      ReplicationProgressResponse.Builder response) {
    for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
      ReplicationProgress.Builder progress =
          response
              .addProgressBuilder()
              .setPartitionId(partition.machine().partition())
              .setRegion(target.getRegion())
              .setGeneration(target.getGeneration())
              .setTombstones(tombstones);
      RegionLane lane =
          pumps.lane(
              partition.machine().partition(),
              new LaneName(table.id(), target.getRegion(), target.getGeneration()));
      if (lane == null) {
        progress.setTrouble("sending has not begun");
        continue;
      }
      Backlog backlog = lane.backlog(COUNT_MAX);
      progress
          .setWalked(lane.walked())
          .setWalkedItems(lane.figures().walked())
          .setPendingRecords(backlog.records())
          .setOldestUnshippedMillis(backlog.oldestMillis())
          .setResolved(lane.resolved())
          .setCaughtUp(lane.isCaughtUp(backlog))
          .setTrouble(lane.trouble())
          .setSentItems(lane.figures().sent())
          .setTakenItems(lane.figures().taken())
          .setLostItems(lane.figures().lost())
          .setClockRefusals(lane.figures().parked())
          .setLatencyMillis(lane.figures().latencyMillis())
          .setLatencyItems(lane.figures().latencies())
          .setCursor(lane.reached());
    }
  }
}
