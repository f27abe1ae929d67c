package io.equator.coordinator.tables;

import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.IndexBuild;
import io.equator.proto.IndexBuildsRequest;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.IndexServiceGrpc;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the nodes have put every item of a table into a global index that was added to it. Asks
 * them all; blocking, for a bounded time.
 */
public final class IndexBuildReader {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Supplier<CatalogSnapshot> catalog;
  private final Function<NodeId, @Nullable Channel> nodes;

  /**
   * @param nodes the channel to a node, or null while its address is not known
   */
  public IndexBuildReader(
      Supplier<CatalogSnapshot> catalog, Function<NodeId, @Nullable Channel> nodes) {
    this.catalog = catalog;
    this.nodes = nodes;
  }

  /** True when no index of the table is still being built. */
  public boolean allBuilt(TableDescriptor table) {
    for (IndexDescriptor index : table.getIndexesList()) {
      if (index.getBackfilling() && !isBuilt(table, index)) {
        return false;
      }
    }
    return true;
  }

  /** True when each partition of the table's ring has a leader that says so. */
  private boolean isBuilt(TableDescriptor table, IndexDescriptor index) {
    List<Partition> partitions = catalog.get().partitions().ring(table.getRingId()).partitions();
    Set<NodeId> asked = new TreeSet<>();
    Set<Long> open = new HashSet<>();
    for (Partition partition : partitions) {
      asked.addAll(partition.replicas());
      open.add(partition.id().value());
    }
    IndexBuildsRequest request =
        IndexBuildsRequest.newBuilder()
            .setTableId(table.getTableId())
            .setIndexId(index.getIndexId())
            .build();
    for (NodeId node : asked) {
      Channel channel = nodes.apply(node);
      if (channel == null) {
        continue;
      }
      try {
        for (IndexBuild build :
            IndexServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE)
                .builds(request)
                .getBuildsList()) {
          if (build.getDone()) {
            open.remove(build.getPartitionId());
          }
        }
      } catch (StatusRuntimeException _) {
        // Asked again at the next look; others may lead its partitions by then.
      }
    }
    return open.isEmpty();
  }
}
