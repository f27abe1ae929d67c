package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.util.Optional;

/** What a replica believes about who leads its group; it may already be stale. */
public sealed interface Leadership {

  /** The replica's current term. */
  long term();

  /**
   * This replica leads.
   *
   * @param ready it has applied an entry of its own term, so its state holds everything that
   *     earlier leaders acknowledged; before that it must neither decide writes nor answer strong
   *     reads
   */
  record Leader(long term, boolean ready) implements Leadership {}

  /**
   * Another replica leads, or none is known to.
   *
   * @param leader a hint
   */
  record Follower(long term, Optional<NodeId> leader) implements Leadership {}
}
