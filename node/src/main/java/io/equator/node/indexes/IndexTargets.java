package io.equator.node.indexes;

import io.equator.node.core.ChangePosition;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.CheckIndexRequest;
import io.equator.proto.CompareIndexRequest;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowVerdict;
import java.util.List;
import java.util.Optional;

/**
 * The partitions that hold rows of global indexes, here or on other nodes. Where nothing is ever
 * compared, nobody answers comparisons.
 */
interface IndexTargets {
  /**
   * Delivers rows, or only asks for the cursor. Blocks for a bounded time.
   *
   * @return the source's cursor afterwards, durable; empty when nobody answered or nobody leads,
   *     and it is to be tried again
   */
  Optional<ChangePosition> apply(Partition target, ApplyIndexRequest.Builder request)
      throws InterruptedException;

  /**
   * Compares rows with those that stand there. Blocks for a bounded time.
   *
   * @return one for each row, in order; empty when nobody answered or nobody leads
   */
  default Optional<List<IndexRowVerdict>> compare(
      Partition target, CompareIndexRequest.Builder request) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Has a source compare items with their rows. Blocks for a bounded time.
   *
   * @return empty when nobody answered, nobody leads, or it cannot be done at present
   */
  default Optional<IndexDifferences> check(Partition source, CheckIndexRequest.Builder request)
      throws InterruptedException {
    return Optional.empty();
  }
}
