package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Asks another node for the current terms of its replicas; the node answers with {@link
 * LogHost#currentTerm} of each, read after the question arrived there.
 */
@FunctionalInterface
public interface TermProbe {

  /** For hosts whose groups have one member each. */
  TermProbe NONE =
      (node, groups) ->
          CompletableFuture.failedFuture(new IllegalStateException("no way to ask " + node));

  /**
   * Sends one question.
   *
   * @return the terms in the same order, 0 for a replica that is not there; fails when the node
   *     cannot be asked. It must complete within a bounded time (a deadline of about one election
   *     timeout).
   */
  CompletableFuture<long[]> terms(NodeId node, List<GroupId> groups);
}
