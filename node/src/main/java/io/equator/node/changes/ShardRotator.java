package io.equator.node.changes;

import io.equator.node.core.ShardBounds;
import io.equator.node.service.HostedPartition;
import io.equator.proto.Effect;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RotateShards;
import io.equator.proto.ShardRotation;
import io.equator.proto.ShardRotations;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Closes the shards of streams when they have been open for a while, as DynamoDB does about every
 * four hours: readers that follow shards spread them over their workers anew, and tools that were
 * never shown a closed shard do not get their first one in production.
 *
 * <p>The leader of a partition puts the rotation into its log. A node that has just started waits
 * for a whole interval first: while a cluster gets a new version, node after node, nobody may get
 * what only the new one knows.
 *
 * <p>Used by one thread.
 */
public final class ShardRotator {
  private record Place(long partition, int table) {}

  private final Duration interval;
  private final long keptMillis;
  private final LongSupplier wallMillis;
  private final long startedMillis;
  private final Set<Place> onTheirWay = ConcurrentHashMap.newKeySet();

  /**
   * @param interval for which a shard stays open; zero: for ever
   * @param wallMillis milliseconds since the epoch
   */
  public ShardRotator(Duration interval, LongSupplier wallMillis) {
    this(interval, wallMillis, StreamRetention.KEPT_MILLIS);
  }

  /**
   * @param keptMillis how long after its end a shard is listed
   */
  public ShardRotator(Duration interval, LongSupplier wallMillis, long keptMillis) {
    this.interval = interval;
    this.keptMillis = keptMillis;
    this.wallMillis = wallMillis;
    this.startedMillis = wallMillis.getAsLong();
  }

  /** Looks at every table with a stream, in the partitions that this node leads. */
  public void look(CatalogSnapshot snapshot, Collection<HostedPartition> partitions) {
    if (interval.isZero()) {
      return;
    }
    for (TableView table : snapshot.tables().values()) {
      if (table.descriptor().getStreamEnabled()) {
        for (HostedPartition partition : partitions) {
          if (partition.descriptor().ringId() == table.ringId() && partition.leadsOwner()) {
            look(snapshot, table, partition);
          }
        }
      }
    }
  }

  private void look(CatalogSnapshot snapshot, TableView table, HostedPartition partition) {
    long now = wallMillis.getAsLong();
    ShardRotations before = partition.machine().shardRotations(table.id());
    int count = before.getRotationsCount();
    long opened = count == 0 ? 0 : before.getRotations(count - 1).getMillis();
    opened = Math.max(opened, table.descriptor().getStreamCreatedMillis());
    opened = Math.max(opened, startedMillis);
    long id = partition.machine().partition();
    opened =
        Math.max(
            opened,
            snapshot
                .partitionDescriptor(id)
                .map(PartitionDescriptor::getChangedMillis)
                .orElse(Long.MAX_VALUE));
    long forget = 0;
    int left = count;
    for (ShardRotation rotation : before.getRotationsList()) {
      if (now - rotation.getMillis() > keptMillis) {
        forget = rotation.getLogIndex();
        left--;
      }
    }
    Place place = new Place(id, table.id());
    if (now < opened
        || now - opened < interval.toMillis()
        || left >= ShardBounds.ROTATIONS_MAX
        || !onTheirWay.add(place)) {
      return;
    }
    RotateShards effect =
        RotateShards.newBuilder()
            .setTableId(table.id())
            .setAfterIndex(ShardBounds.last(before))
            .setMillis(now)
            .setForgetIndex(forget)
            .build();
    var _ =
        partition
            .writer()
            .submit(Effect.newBuilder().setRotateShards(effect).build())
            .whenComplete((_, _) -> onTheirWay.remove(place));
  }
}
