package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches one group from outside for what Raft promises: one leader in a term, and one entry at
 * each applied index, the same on every replica for ever.
 */
final class SafetyLedger {

  private final boolean tolerant;
  private final Map<Long, NodeId> leaders = new HashMap<>();
  private final List<SimulatedDisk.Entry> applied = new ArrayList<>();

  /**
   * A new ledger.
   *
   * @param tolerant true when bugs are planted, which others are to find
   */
  SafetyLedger(boolean tolerant) {
    this.tolerant = tolerant;
  }

  void elected(long term, NodeId leader) {
    NodeId other = leaders.putIfAbsent(term, leader);
    check(other == null || other.equals(leader), "two leaders in term " + term);
  }

  void applied(int index, SimulatedDisk.Entry entry) {
    if (index == applied.size()) {
      applied.add(entry);
    }
    check(
        index < applied.size() && applied.get(index).equals(entry),
        "another entry was applied at index " + index);
  }

  private void check(boolean holds, String message) {
    if (!holds && !tolerant) {
      throw new AssertionError(message);
    }
  }
}
