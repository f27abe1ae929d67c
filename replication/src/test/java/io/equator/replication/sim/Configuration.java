package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.Voters;
import java.util.List;

/**
 * Who votes in a group: one set of members, or, while they change, two, of which a majority each is
 * needed (Raft thesis §4.3).
 *
 * @param current in order; empty on a replica that waits to be taken in
 * @param previous those before, as long as they count; empty when they do not
 */
record Configuration(List<NodeId> current, List<NodeId> previous) {
  static final Configuration NONE = of(List.of());

  static Configuration of(List<NodeId> members) {
    return new Configuration(members.stream().sorted().toList(), List.of());
  }

  Configuration changingTo(List<NodeId> members) {
    return new Configuration(members.stream().sorted().toList(), current);
  }

  boolean isJoint() {
    return !previous.isEmpty();
  }

  boolean counts(NodeId node) {
    return current.contains(node) || previous.contains(node);
  }

  Voters voters() {
    return isJoint() ? Voters.joint(current, previous) : Voters.of(current);
  }

  @Override
  public String toString() {
    return isJoint() ? previous + " and " + current : current.toString();
  }
}
