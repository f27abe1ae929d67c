package io.equator.node.indexes;

import io.equator.node.core.ChangePosition;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndexRequest;
import java.util.Optional;

/** The partitions that hold rows of global indexes, here or on other nodes. */
interface IndexTargets {
  /**
   * Delivers rows, or only asks for the cursor. Blocks for a bounded time.
   *
   * @return the source's cursor afterwards, durable; empty when nobody answered or nobody leads,
   *     and it is to be tried again
   */
  Optional<ChangePosition> apply(Partition target, ApplyIndexRequest.Builder request)
      throws InterruptedException;
}
