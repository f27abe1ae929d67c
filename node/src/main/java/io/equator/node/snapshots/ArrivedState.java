package io.equator.node.snapshots;

import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.StateReplacement;

/** A state of a partition that has come from another node, whole, checked and on disk. */
public interface ArrivedState extends StateReplacement.Files {

  /** The name under which it is found again after a crash. */
  String name();

  /** Where in the partition's log it stands. */
  Applied position();
}
