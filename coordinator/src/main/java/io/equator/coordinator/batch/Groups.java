package io.equator.coordinator.batch;

import io.equator.partitioner.Partition;
import io.equator.partitioner.PartitionId;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Entries of a batch by the partition that owns them. */
final class Groups {
  /** Something with a place on a ring. */
  interface Placed {
    int ringId();

    long token();
  }

  private Groups() {}

  /** The entries grouped by partition, in the order of their first entries. */
  static <E extends Placed> Collection<List<E>> of(CatalogSnapshot snapshot, List<E> entries) {
    Map<PartitionId, List<E>> groups = new LinkedHashMap<>();
    for (E entry : entries) {
      Partition owner = snapshot.partitions().partitionOf(entry.ringId(), entry.token());
      groups.computeIfAbsent(owner.id(), _ -> new ArrayList<>()).add(entry);
    }
    return groups.values();
  }

  /** Whether these entries, at least one, still lie in one partition. */
  static boolean together(CatalogSnapshot snapshot, List<? extends Placed> entries) {
    @Nullable PartitionId first = null;
    for (Placed entry : entries) {
      PartitionId owner = snapshot.partitions().partitionOf(entry.ringId(), entry.token()).id();
      if (first != null && !first.equals(owner)) {
        return false;
      }
      first = owner;
    }
    return true;
  }
}
