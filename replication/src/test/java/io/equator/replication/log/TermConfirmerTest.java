package io.equator.replication.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.partitioner.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Protects strong reads: who may confirm what, and with answers to which question. */
class TermConfirmerTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final NodeId D = new NodeId("d");
  private static final NodeId E = new NodeId("e");
  private static final GroupId G = GroupId.ofPartition(1);
  private static final GroupId H = GroupId.ofPartition(2);
  private static final Voters ABC = Voters.of(List.of(A, B, C));

  /** Questions that were sent and wait for our answer. */
  private record Question(NodeId to, List<GroupId> groups, CompletableFuture<long[]> answer) {
    void say(long... terms) {
      answer.complete(terms);
    }

    void fail() {
      answer.completeExceptionally(new IllegalStateException("unreachable"));
    }
  }

  private final List<Question> sent = new ArrayList<>();
  private final TermConfirmer confirmer =
      new TermConfirmer(
          A,
          (node, groups) -> {
            Question question = new Question(node, List.copyOf(groups), new CompletableFuture<>());
            sent.add(question);
            return question.answer;
          },
          Runnable::run);

  @Test
  void oneOfTwoOthersIsEnough() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
    assertThat(sent).extracting(Question::to).containsExactly(B, C);
    assertThat(read).isNotDone();
    sent.get(1).say(5);
    assertThat(read).isCompletedWithValue(true);
  }

  @Test
  void aLaterTermEndsIt() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
    sent.get(0).say(6);
    assertThat(read).isCompletedWithValue(false);
  }

  @Test
  void anIsolatedLeaderIsNotConfirmed() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
    sent.get(0).fail();
    assertThat(read).isNotDone();
    sent.get(1).fail();
    assertThat(read).isCompletedWithValue(false);
  }

  @Test
  void aReplicaThatIsNotThereOrBehindDoesNotCount() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
    sent.get(0).say(0);
    sent.get(1).say(4);
    assertThat(read).isCompletedWithValue(false);
  }

  @Test
  void anAnswerOfTheWrongLengthDoesNotCount() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
    sent.get(0).say(5, 5);
    sent.get(1).say();
    assertThat(read).isCompletedWithValue(false);
  }

  @Test
  void aReadNeverJoinsAQuestionThatWasSentBefore() {
    CompletableFuture<Boolean> early = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> late = confirmer.confirm(G, 5, 0, ABC);
    assertThat(sent).as("one question to a node at a time").hasSize(2);
    sent.get(0).say(5);
    assertThat(early).isCompletedWithValue(true);
    assertThat(late).as("the answer was asked for before this read came").isNotDone();
    assertThat(sent).as("its own question follows").hasSize(3);
    sent.get(2).say(5);
    assertThat(late).isCompletedWithValue(true);
  }

  @Test
  void readsThatWaitForTheSameQuestionShareIt() {
    var _ = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> second = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> third = confirmer.confirm(G, 5, 0, ABC);
    assertThat(third).isSameAs(second);
  }

  @Test
  void aReadDoesNotShareWithReadsOfAnotherTermOrOtherVoters() {
    var _ = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> old = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> ofNextTerm = confirmer.confirm(G, 7, 0, ABC);
    assertThat(ofNextTerm).isNotSameAs(old);
    sent.get(0).say(5);
    sent.get(2).say(7, 7);
    assertThat(old).isCompletedWithValue(false);
    assertThat(ofNextTerm).isCompletedWithValue(true);
  }

  @Test
  void oneQuestionAsksForAllGroups() {
    var _ = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> g = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> h = confirmer.confirm(H, 3, 0, ABC);
    sent.get(0).say(5);
    Question both = sent.get(2);
    assertThat(both.to()).isEqualTo(B);
    assertThat(both.groups()).containsExactly(G, H);
    both.say(5, 4);
    assertThat(g).isCompletedWithValue(true);
    assertThat(h).isCompletedWithValue(false);
  }

  @Test
  void aSlowNodeDoesNotHoldUpTheOther() {
    var _ = confirmer.confirm(G, 5, 0, ABC);
    for (int i = 0; i < 10; i++) {
      Question toB = sent.getLast().to().equals(B) ? sent.getLast() : sent.getFirst();
      toB.say(5);
      CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
      sent.getLast().say(5);
      assertThat(read).isCompletedWithValue(true);
      var _ = confirmer.confirm(G, 5, 0, ABC);
    }
    assertThat(sent.stream().filter(question -> question.to().equals(C))).hasSize(1);
  }

  @Test
  void aCommittedEntryProposedAfterTheReadConfirmsIt() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 3, ABC);
    confirmer.committed(G, 5, 3);
    assertThat(read).as("it was proposed before the read came").isNotDone();
    confirmer.committed(G, 4, 4);
    confirmer.committed(H, 5, 4);
    assertThat(read).as("of another term, of another group").isNotDone();
    confirmer.committed(G, 5, 4);
    assertThat(read).isCompletedWithValue(true);
  }

  @Test
  void aCommittedEntryConfirmsSharedReadsOnlyWhenItCameAfterAll() {
    var _ = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> first = confirmer.confirm(G, 5, 3, ABC);
    CompletableFuture<Boolean> second = confirmer.confirm(G, 5, 8, ABC);
    assertThat(second).isSameAs(first);
    confirmer.committed(G, 5, 5);
    assertThat(second).isNotDone();
    confirmer.committed(G, 5, 9);
    assertThat(second).isCompletedWithValue(true);
  }

  @Test
  void aDecidedReadAsksNoFurtherNode() {
    var _ = confirmer.confirm(G, 5, 0, ABC);
    CompletableFuture<Boolean> waiting = confirmer.confirm(G, 5, 0, ABC);
    confirmer.committed(G, 5, 1);
    assertThat(waiting).isCompletedWithValue(true);
    sent.get(0).say(5);
    sent.get(1).say(5);
    assertThat(sent).hasSize(2);
  }

  @Test
  void threeOfFiveAreNeeded() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, Voters.of(List.of(A, B, C, D, E)));
    sent.get(0).say(5);
    assertThat(read).isNotDone();
    sent.get(3).say(5);
    assertThat(read).isCompletedWithValue(true);
  }

  @Test
  void whileMembersChangeAMajorityOfBothIsNeeded() {
    CompletableFuture<Boolean> read =
        confirmer.confirm(G, 5, 0, Voters.joint(List.of(A, B, C), List.of(A, D, E)));
    question(B).say(5);
    question(C).say(5);
    assertThat(read).isNotDone();
    question(E).say(5);
    assertThat(read).isCompletedWithValue(true);
  }

  @Test
  void aNodeThatIsNoMemberCannotConfirmByItself() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, Voters.of(List.of(B, C, D)));
    sent.get(0).say(5);
    assertThat(read).isNotDone();
    sent.get(1).say(5);
    assertThat(read).isCompletedWithValue(true);
  }

  @Test
  void aProbeThatThrowsCountsAsNoAnswer() {
    TermConfirmer broken =
        new TermConfirmer(
            A,
            (node, groups) -> {
              throw new IllegalStateException("no channel");
            },
            Runnable::run);
    assertThat(broken.confirm(G, 5, 0, ABC)).isCompletedWithValue(false);
    assertThat(broken.confirm(G, 5, 0, ABC)).isCompletedWithValue(false);
  }

  @Test
  void aProbeThatAnswersAtOnceServesEveryRead() {
    TermConfirmer direct =
        new TermConfirmer(
            A, (node, groups) -> CompletableFuture.completedFuture(new long[] {5}), Runnable::run);
    for (int i = 0; i < 100; i++) {
      assertThat(direct.confirm(G, 5, i, ABC)).isCompletedWithValue(true);
    }
  }

  @Test
  void aStoppedGroupLeavesNoReadWaiting() {
    CompletableFuture<Boolean> read = confirmer.confirm(G, 5, 0, ABC);
    confirmer.forget(G);
    assertThat(read).isCompletedWithValue(false);
  }

  private Question question(NodeId to) {
    return sent.stream().filter(question -> question.to().equals(to)).findFirst().orElseThrow();
  }
}
