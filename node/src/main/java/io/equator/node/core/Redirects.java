package io.equator.node.core;

import io.equator.partitioner.NodeId;
import io.equator.proto.Redirect;
import java.util.Optional;

/** Makes the answers that send a caller elsewhere. */
public final class Redirects {
  private Redirects() {}

  /** A reason with its detail, for people. */
  public static Redirect of(Redirect.Reason reason, String detail) {
    return Redirect.newBuilder().setReason(reason).setDetail(detail).build();
  }

  /** This replica does not lead; {@code leader} may. */
  public static Redirect notLeader(Optional<NodeId> leader) {
    Redirect.Builder redirect = Redirect.newBuilder().setReason(Redirect.Reason.NOT_LEADER);
    if (leader.isPresent()) {
      redirect.setLeaderNodeId(leader.get().value());
    }
    return redirect.build();
  }
}
