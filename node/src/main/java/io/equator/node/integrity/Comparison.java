package io.equator.node.integrity;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.proto.DigestResponse;
import io.equator.proto.DigestResponse.Outcome;
import io.equator.proto.ScrubReport.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the digests of a group's replicas say together.
 *
 * @param verdict see there
 * @param majority what more than half of the members have; empty when there is no such thing
 * @param bad those that have something else, or are damaged, if a majority is equal
 * @param complete whether every member said what it has
 */
record Comparison(Verdict verdict, List<ByteString> majority, List<NodeId> bad, boolean complete) {

  /**
   * Judges.
   *
   * @param digests of every member of the group; UNKNOWN of those that did not answer
   */
  static Comparison of(Map<NodeId, DigestResponse> digests) {
    Map<List<ByteString>, Integer> votes = new HashMap<>();
    boolean damaged = false;
    boolean complete = true;
    for (DigestResponse digest : digests.values()) {
      switch (digest.getOutcome()) {
        case COMPUTED -> votes.merge(digest.getFamiliesList(), 1, Integer::sum);
        case DAMAGED -> damaged = true;
        case COMPUTING, UNKNOWN, AWAY, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> complete = false;
      }
    }
    List<ByteString> majority = List.of();
    for (Map.Entry<List<ByteString>, Integer> vote : votes.entrySet()) {
      if (vote.getValue() > digests.size() / 2) {
        majority = vote.getKey();
      }
    }
    if (majority.isEmpty()) {
      boolean differs = damaged || votes.size() > 1;
      return new Comparison(
          differs ? Verdict.NO_MAJORITY : Verdict.INCOMPLETE, majority, List.of(), complete);
    }
    List<NodeId> bad = new ArrayList<>();
    for (Map.Entry<NodeId, DigestResponse> replica : digests.entrySet()) {
      if (differs(replica.getValue(), majority)) {
        bad.add(replica.getKey());
      }
    }
    if (!bad.isEmpty()) {
      return new Comparison(Verdict.REPAIRING, majority, bad, complete);
    }
    return new Comparison(complete ? Verdict.EQUAL : Verdict.INCOMPLETE, majority, bad, complete);
  }

  /** Whether a replica is known to be other than {@code majority}. */
  static boolean differs(DigestResponse digest, List<ByteString> majority) {
    return digest.getOutcome() == Outcome.DAMAGED
        || (digest.getOutcome() == Outcome.COMPUTED && !digest.getFamiliesList().equals(majority));
  }
}
