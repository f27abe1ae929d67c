package io.equator.coordinator.catalog;

import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogImage;
import java.util.List;
import java.util.Optional;

/** Gives the images of other members of the catalog group. */
@FunctionalInterface
public interface CatalogImageSource {
  /** For a member that is alone. */
  CatalogImageSource NONE = (_, _) -> Optional.empty();

  /**
   * Fetches an image that holds the log's entry at this index, or a later one; may block for some
   * seconds.
   *
   * @param members in the order in which they are asked
   * @return whole and checked; empty when nobody gave one
   */
  Optional<CatalogImage> fetch(long atLeastIndex, List<NodeId> members);
}
