package io.equator.coordinator.globaltables;

import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.RegionNodeServiceGrpc;
import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationProgressRequest;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How far this region's nodes have sent a table to others. Asks them all; blocking, bounded. */
public final class SendingReader {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Supplier<CatalogSnapshot> catalog;
  private final Function<NodeId, @Nullable Channel> nodes;

  /**
   * Reads from these nodes.
   *
   * @param nodes the channel to a node, or null while its address is not known
   */
  public SendingReader(
      Supplier<CatalogSnapshot> catalog, Function<NodeId, @Nullable Channel> nodes) {
    this.catalog = catalog;
    this.nodes = nodes;
  }

  /** What the nodes say of a table; a partition without a leader is missing. */
  public List<ReplicationProgress> read(TableDescriptor table) {
    Set<NodeId> asked = new TreeSet<>();
    partitions(table).forEach(partition -> asked.addAll(partition.replicas()));
    ReplicationProgressRequest request =
        ReplicationProgressRequest.newBuilder().setTableId(table.getTableId()).build();
    List<ReplicationProgress> all = new ArrayList<>();
    for (NodeId node : asked) {
      Channel channel = nodes.apply(node);
      if (channel == null) {
        continue;
      }
      try {
        all.addAll(
            RegionNodeServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE)
                .progress(request)
                .getProgressList());
      } catch (StatusRuntimeException _) {
        // Asked again at the next look; others may lead its partitions by then.
      }
    }
    return all;
  }

  private List<Partition> partitions(TableDescriptor table) {
    return catalog.get().partitions().ring(table.getRingId()).partitions();
  }

  /** Whether each partition of the table says this of what it sends to a target. */
  boolean all(
      TableDescriptor table,
      ReplicationTarget target,
      List<ReplicationProgress> progress,
      Predicate<ReplicationProgress> holds) {
    Set<Long> open = new HashSet<>();
    partitions(table).forEach(partition -> open.add(partition.id().value()));
    for (ReplicationProgress one : progress) {
      if (one.getRegion().equals(target.getRegion())
          && one.getGeneration() == target.getGeneration()
          && holds.test(one)) {
        open.remove(one.getPartitionId());
      }
    }
    return open.isEmpty();
  }
}
