package io.equator.node.snapshots;

import io.equator.node.core.MetaRows.Descriptor;
import io.equator.partitioner.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Gives states of partitions that other nodes have. */
@FunctionalInterface
public interface StateSource {

  /**
   * Fetches a state that holds the entry at {@code atLeastIndex}, or a later one.
   *
   * @param sources in the order in which they are asked
   * @return empty when nobody gave one
   * @throws IOException when it cannot be written here
   */
  Optional<ArrivedState> fetch(
      long partition, Descriptor descriptor, long atLeastIndex, List<NodeId> sources)
      throws IOException, InterruptedException;
}
