package io.equator.coordinator.router;

import io.equator.partitioner.Partition;
import io.equator.proto.PartitionRef;

/** A partition and its epoch as they are named on the wire. */
final class PartitionRefs {
  private PartitionRefs() {}

  static PartitionRef of(Partition partition) {
    return PartitionRef.newBuilder()
        .setPartitionId(partition.id().value())
        .setEpoch(partition.epoch().value())
        .build();
  }
}
