package io.equator.replication.ratis;

import io.equator.partitioner.NodeId;
import java.util.List;
import org.apache.ratis.util.CodeInjectionForTesting;

/**
 * Cuts a node's Raft messages off by Ratis's own injection points, where they arrive. For all
 * servers of the process: one test at a time.
 */
final class Isolation {

  private static final List<String> DOORS =
      List.of("RaftServerImpl.appendEntries", "RaftServerImpl.requestVote");

  private Isolation() {}

  static void cutOff(NodeId node) {
    for (String door : DOORS) {
      CodeInjectionForTesting.put(
          door,
          (to, from, _) -> {
            if (node.value().equals(String.valueOf(to))
                || node.value().equals(String.valueOf(from))) {
              throw new IllegalStateException(from + " and " + to + " are cut off");
            }
            return false;
          });
    }
  }

  static void end() {
    DOORS.forEach(CodeInjectionForTesting::remove);
  }
}
