package io.equator.coordinator.streams;

import io.equator.partitioner.Partition;
import io.equator.proto.ChangePlace;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.StreamPage;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one partition has recorded for a stream, until it was split: one shard, or several that
 * follow on each other, see {@link ShardSpan}.
 *
 * <p>A partition that is split closes its shard, and the two that take over open one each, with it
 * as their parent. Ids of partitions grow, so parents come first in the order of names.
 *
 * @param partition as the catalog has it
 */
record Shard(StreamView stream, PartitionDescriptor partition) {
  /** How far the clocks of those who write times into the catalog may be apart. */
  private static final long CLOCKS_APART_MILLIS = 60_000;

  /** Every shard of a stream that can be read, parents before children. */
  static List<Shard> of(CatalogSnapshot snapshot, StreamView stream) {
    List<Shard> shards = new ArrayList<>();
    for (PartitionDescriptor partition : snapshot.lineage(stream.table().ringId())) {
      Shard shard = new Shard(stream, partition);
      if (!shard.isClosed() || shard.hasSeen(partition.getChangedMillis())) {
        shards.add(shard);
      }
    }
    return shards;
  }

  /** The shard of a partition. */
  static Optional<Shard> of(CatalogSnapshot snapshot, StreamView stream, long partition) {
    return of(snapshot, stream).stream()
        .filter(shard -> shard.partition().getPartitionId() == partition)
        .findFirst();
  }

  /** Whether the stream was there at a time, perhaps. */
  boolean hasSeen(long millis) {
    return millis + CLOCKS_APART_MILLIS >= stream.createdMillis();
  }

  /** Whether the stream was still there at a time, perhaps. */
  boolean isThere(long millis) {
    return stream.isOpen() || millis - CLOCKS_APART_MILLIS <= stream.changedMillis();
  }

  String id() {
    return ShardId.of(partition.getPartitionId(), stream.id());
  }

  /** Where it is read. */
  Partition owner() {
    return CatalogSnapshot.partition(partition);
  }

  int generation() {
    return partition.getGeneration();
  }

  /** Whether the partition was split: nothing comes to it any more. */
  boolean isClosed() {
    return partition.getState() == PartitionDescriptor.State.CLOSED;
  }

  /** The last place of a closed shard. */
  ChangePlace end() {
    return ChangePlace.newBuilder().setLogIndex(partition.getSplit().getSealedIndex()).build();
  }

  /** Whether nothing comes behind a page, for ever. */
  boolean isOver(StreamPage page) {
    if (page.getMore()) {
      return false;
    }
    boolean behindTheEnd =
        isClosed() && page.getNext().getLogIndex() > partition.getSplit().getSealedIndex();
    return behindTheEnd
        || (!stream.isOpen() && page.getSchemaFloor() >= stream.endedSchemaVersion());
  }

  /** The partition whose shard is the parent; empty when the stream began later than this one. */
  Optional<Long> parent() {
    return partition.getParentId() == 0 || !hasSeen(partition.getChangedMillis())
        ? Optional.empty()
        : Optional.of(partition.getParentId());
  }
}
