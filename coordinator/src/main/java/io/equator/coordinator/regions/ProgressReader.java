package io.equator.coordinator.regions;

import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.PassTombstonesRequest;
import io.equator.proto.RegionNodeServiceGrpc;
import io.equator.proto.RegionNodeServiceGrpc.RegionNodeServiceBlockingStub;
import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationProgressRequest;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks this region's nodes how far other regions are; blocking, for a bounded time. */
public final class ProgressReader {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Supplier<CatalogSnapshot> catalog;
  private final Function<NodeId, @Nullable Channel> nodes;

  /**
   * @param nodes the channel to a node, or null while its address is not known
   */
  public ProgressReader(
      Supplier<CatalogSnapshot> catalog, Function<NodeId, @Nullable Channel> nodes) {
    this.catalog = catalog;
    this.nodes = nodes;
  }

  private record Lane(long partition, String region, long generation) {}

  /**
   * Up to when every change that this region has made to a table is in all other regions: a hybrid
   * timestamp; 0 when that is not known of each partition and target.
   */
  public long resolved(TableView table) {
    Map<Lane, Long> resolved = new HashMap<>();
    for (ReplicationProgress progress : progress(table)) {
      if (progress.getWalked()) {
        resolved.put(
            new Lane(progress.getPartitionId(), progress.getRegion(), progress.getGeneration()),
            progress.getResolved());
      }
    }
    List<ReplicationTarget> targets = table.descriptor().getReplication().getTargetsList();
    long least = targets.isEmpty() ? 0 : -1L;
    for (Partition partition : partitions(table)) {
      for (ReplicationTarget target : targets) {
        Lane lane = new Lane(partition.id().value(), target.getRegion(), target.getGeneration());
        long one = resolved.getOrDefault(lane, 0L);
        least = Long.compareUnsigned(one, least) < 0 ? one : least;
      }
    }
    return least;
  }

  /** What each leader says of each target. */
  public List<ReplicationProgress> progress(TableView table) {
    List<ReplicationProgress> all = new ArrayList<>();
    ReplicationProgressRequest request =
        ReplicationProgressRequest.newBuilder().setTableId(table.id()).build();
    everyNode(table, node -> all.addAll(node.progress(request).getProgressList()));
    return all;
  }

  /** Tells every node that the tombstones of a table up to a timestamp may go. */
  void pass(TableView table, long horizon) {
    PassTombstonesRequest request =
        PassTombstonesRequest.newBuilder()
            .setTableId(table.id())
            .setHorizon(horizon)
            .addAllTargets(table.descriptor().getReplication().getTargetsList())
            .build();
    everyNode(table, node -> node.passTombstones(request));
  }

  private List<Partition> partitions(TableView table) {
    return catalog.get().partitions().ring(table.ringId()).partitions();
  }

  private void everyNode(TableView table, Consumer<RegionNodeServiceBlockingStub> call) {
    Set<NodeId> asked = new TreeSet<>();
    partitions(table).forEach(partition -> asked.addAll(partition.replicas()));
    for (NodeId node : asked) {
      Channel channel = nodes.apply(node);
      if (channel == null) {
        continue;
      }
      try {
        call.accept(RegionNodeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE));
      } catch (StatusRuntimeException _) {
        // Asked again at the next look; others may lead its partitions by then.
      }
    }
  }
}
