package io.equator.node.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.proto.DigestResponse;
import io.equator.proto.DigestResponse.Outcome;
import io.equator.proto.ScrubReport.Verdict;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each case: one letter a replica; the same letter is the same state, ! damaged, ? away. */
class ComparisonTest {

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of("a", Verdict.EQUAL, ""),
        Arguments.of("!", Verdict.NO_MAJORITY, ""),
        Arguments.of("?", Verdict.INCOMPLETE, ""),
        Arguments.of("aaa", Verdict.EQUAL, ""),
        Arguments.of("aab", Verdict.REPAIRING, "2"),
        Arguments.of("baa", Verdict.REPAIRING, "0"),
        Arguments.of("a!a", Verdict.REPAIRING, "1"),
        Arguments.of("aa?", Verdict.INCOMPLETE, ""),
        // Two of three differ and the third is away: nobody knows which is right.
        Arguments.of("ab?", Verdict.NO_MAJORITY, ""),
        Arguments.of("a!?", Verdict.NO_MAJORITY, ""),
        Arguments.of("a??", Verdict.INCOMPLETE, ""),
        Arguments.of("???", Verdict.INCOMPLETE, ""),
        Arguments.of("abc", Verdict.NO_MAJORITY, ""),
        Arguments.of("a!!", Verdict.NO_MAJORITY, ""),
        // One of two is no majority.
        Arguments.of("ab", Verdict.NO_MAJORITY, ""),
        Arguments.of("a!", Verdict.NO_MAJORITY, ""),
        Arguments.of("aabb", Verdict.NO_MAJORITY, ""),
        Arguments.of("aaab!", Verdict.REPAIRING, "34"),
        Arguments.of("aaa?b", Verdict.REPAIRING, "4"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void onlyAMajorityOfAllMembersCondemns(String replicas, Verdict verdict, String bad) {
    Map<NodeId, DigestResponse> digests = new TreeMap<>();
    for (int i = 0; i < replicas.length(); i++) {
      digests.put(new NodeId("node-" + i), digest(replicas.charAt(i)));
    }
    Comparison comparison = Comparison.of(digests);
    assertThat(comparison.verdict()).isEqualTo(verdict);
    assertThat(comparison.bad())
        .extracting(NodeId::value)
        .containsExactlyElementsOf(bad.chars().mapToObj(c -> "node-" + (char) c).toList());
  }

  private static DigestResponse digest(char state) {
    return switch (state) {
      case '!' -> DigestResponse.newBuilder().setOutcome(Outcome.DAMAGED).build();
      case '?' -> DigestResponse.newBuilder().setOutcome(Outcome.AWAY).build();
      default ->
          DigestResponse.newBuilder()
              .setOutcome(Outcome.COMPUTED)
              .addFamilies(ByteString.copyFromUtf8(String.valueOf(state)))
              .build();
    };
  }
}
