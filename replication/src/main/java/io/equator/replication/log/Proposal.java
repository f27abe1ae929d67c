package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.util.Optional;

/** What became of a proposed entry. */
public sealed interface Proposal {

  /**
   * Durable on a majority and applied here.
   *
   * @param result what {@link LogMachine#apply} returned here, the very object
   */
  record Applied(long term, long index, Object result) implements Proposal {}

  /**
   * Not appended, and never will be: this replica does not lead, is not ready yet, or leads in
   * another term than was expected. Safe to try elsewhere.
   *
   * @param leader a hint
   */
  record NotLeader(Optional<NodeId> leader) implements Proposal {}

  /** Not appended, and never will be: too much is in flight. Safe to try again later. */
  record Overloaded() implements Proposal {}

  /** It may commit later, or never; this replica may learn of it by applying it as a follower. */
  record Indeterminate() implements Proposal {}
}
