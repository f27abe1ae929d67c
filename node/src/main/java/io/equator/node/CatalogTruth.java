package io.equator.node;

import io.equator.proto.PartitionDescriptor;
import java.util.Optional;

/**
 * Asks the catalog itself. A copy may be older than what this node has done already, and nothing
 * may be thrown away because of an old copy.
 */
@FunctionalInterface
public interface CatalogTruth {

  /**
   * A partition as it is now; blocks.
   *
   * @throws RuntimeException when nobody who knows answers
   */
  Optional<PartitionDescriptor> partition(long id);
}
