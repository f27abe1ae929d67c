package io.equator.partitioner;

import java.util.HashSet;
import java.util.List;

/**
 * A token range of a ring and the nodes that hold it.
 *
 * @param id its number
 * @param epoch the version of {@code replicas}
 * @param range the tokens it owns; never changes
 * @param replicas the nodes with a copy, at least one, none twice; the order is that of placement
 *     and says nothing about leadership
 */
public record Partition(PartitionId id, Epoch epoch, TokenRange range, List<NodeId> replicas) {
  /** Copies the replicas. */
  public Partition {
    replicas = List.copyOf(replicas);
    if (replicas.isEmpty()) {
      throw new IllegalArgumentException(id + " has no replicas");
    }
    if (new HashSet<>(replicas).size() != replicas.size()) {
      throw new IllegalArgumentException(id + " has a node twice: " + replicas);
    }
  }
}
