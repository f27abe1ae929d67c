package io.equator.node.changes;

import io.equator.node.core.ChangeReader.Change;
import io.equator.node.service.HostedPartition;
import java.util.List;

/** A reader of the change log, as far as trimming is concerned. */
public interface ChangeNeed {
  /** Nothing of the table's changes is needed. */
  long NOTHING = Long.MAX_VALUE;

  /**
   * The log index from which on this reader still needs a table's records; {@link #NOTHING} when it
   * needs none. When it does not know yet, 0. Called often, by one thread: cheap, and must not
   * block.
   *
   * @param partition one that this node leads
   */
  long neededFrom(HostedPartition partition, int table);

  /** Records are let go, because no reader needs them any more; oldest first. */
  default void letGo(HostedPartition partition, int table, List<Change> gone) {}
}
