package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches one group from outside for what Raft promises: one leader in a term, and one entry at
 * each applied index, the same on every replica for ever; and for what it wants of those who change
 * its members: nobody who counts loses its log.
 */
final class SafetyLedger {

  private final boolean tolerant;
  private final Map<Long, NodeId> leaders = new HashMap<>();
  private final List<SimulatedDisk.Entry> applied = new ArrayList<>();
  private int committed = -1;
  private Configuration configuration = Configuration.NONE;
  private boolean over;

  /**
   * A new ledger.
   *
   * @param tolerant true when bugs are planted, which others are to find
   */
  SafetyLedger(boolean tolerant) {
    this.tolerant = tolerant;
  }

  /** A log is begun with these members; nobody is a founder who comes later. */
  void founded(Configuration members) {
    if (configuration.current().isEmpty()) {
      configuration = members;
    }
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

  /** A leader knows that an entry is committed. */
  void committed(int index, SimulatedDisk.Entry entry) {
    if (index > committed) {
      committed = index;
      Configuration changed = entry.configuration();
      if (changed != null) {
        configuration = changed;
      }
    }
  }

  /** The group is not needed any more. */
  void end() {
    over = true;
  }

  /** Who counts, by what is committed. */
  Configuration configuration() {
    return configuration;
  }

  /** The configuration that a state at this index has. */
  Configuration configurationAt(int index, Configuration founders) {
    for (int i = Math.min(index, applied.size() - 1); i >= 0; i--) {
      Configuration there = applied.get(i).configuration();
      if (there != null) {
        return there;
      }
    }
    return founders;
  }

  void discarded(NodeId node) {
    check(
        over || !configuration.counts(node),
        node + " throws away its log, though it counts: " + configuration);
  }

  private void check(boolean holds, String message) {
    if (!holds && !tolerant) {
      throw new AssertionError(message);
    }
  }
}
