package io.equator.coordinator.triggers.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.triggers.core.BatchDelivery.Cause;
import io.equator.coordinator.triggers.core.BatchDelivery.Rules;
import io.equator.coordinator.triggers.core.BatchDelivery.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** Retries, cuts and ages of a batch, as transcripts and by a property. */
class BatchDeliveryTest {
  private static final FunctionAnswer.Failed FAILED = new FunctionAnswer.Failed(500, "no");

  private final List<String> transcript = new ArrayList<>();
  private long now = 1_000_000;

  private static long[] created(int records, long millis) {
    long[] created = new long[records];
    java.util.Arrays.fill(created, millis);
    return created;
  }

  /** Runs a batch against a function that fails whatever holds one of the poisoned records. */
  private BatchDelivery run(BatchDelivery delivery, IntPredicate poisoned) {
    int done = 0;
    for (int steps = 0; steps < 100_000; steps++) {
      assertThat(delivery.done()).isGreaterThanOrEqualTo(done);
      done = delivery.done();
      switch (delivery.next(now)) {
        case Step.Send(int from, int to, int attempt) -> {
          boolean fails = false;
          for (int i = from; i < to; i++) {
            fails |= poisoned.test(i);
          }
          transcript.add((fails ? "fail " : "ok ") + from + "-" + to + " #" + attempt);
          delivery.answered(fails ? FAILED : new FunctionAnswer.Succeeded(), now);
        }
        case Step.Pause(long until) -> {
          assertThat(until).isGreaterThan(now);
          transcript.add("pause " + (until - now));
          now = until;
        }
        case Step.Discard discard -> {
          transcript.add(
              "discard "
                  + discard.from()
                  + "-"
                  + discard.to()
                  + " "
                  + discard.cause()
                  + " after "
                  + discard.invocations());
          delivery.discarded(discard);
        }
        case Step.Done() -> {
          return delivery;
        }
      }
    }
    throw new AssertionError("it does not end");
  }

  @Test
  void aBatchThatSucceedsIsSentOnce() {
    run(new BatchDelivery(created(3, now), new Rules(-1, -1, false)), _ -> false);
    assertThat(transcript).containsExactly("ok 0-3 #1");
  }

  @Test
  void noRecordsAreDoneAtOnce() {
    run(new BatchDelivery(new long[0], new Rules(-1, -1, true)), _ -> true);
    assertThat(transcript).isEmpty();
  }

  @Test
  void aBatchIsDiscardedWhenItsRetriesAreUsedUp() {
    run(new BatchDelivery(created(3, now), new Rules(2, -1, false)), i -> i == 1);
    assertThat(transcript)
        .containsExactly(
            "fail 0-3 #1",
            "pause 100",
            "fail 0-3 #2",
            "pause 200",
            "fail 0-3 #3",
            "discard 0-3 RETRIES after 3");
  }

  @Test
  void withoutRetriesOneFailureIsEnough() {
    run(new BatchDelivery(created(1, now), new Rules(0, -1, false)), _ -> true);
    assertThat(transcript).containsExactly("fail 0-1 #1", "discard 0-1 RETRIES after 1");
  }

  @Test
  void aCutIsolatesThePoisonAndIsNoRetry() {
    run(new BatchDelivery(created(8, now), new Rules(1, -1, true)), i -> i == 5);
    assertThat(transcript)
        .containsExactly(
            "fail 0-8 #1",
            "pause 100",
            "ok 0-4 #2",
            "fail 4-8 #2",
            "pause 100",
            "fail 4-6 #3",
            "pause 100",
            "ok 4-5 #4",
            "fail 5-6 #4",
            "pause 100",
            "fail 5-6 #5",
            "discard 5-6 RETRIES after 5",
            "ok 6-8 #3");
  }

  @Test
  void recordsThatAreTooOldAreDiscardedBeforeTheyAreSent() {
    BatchDelivery delivery =
        new BatchDelivery(
            new long[] {now - 61_000, now - 60_001, now - 60_000, now},
            new Rules(-1, 60_000, false));
    run(delivery, _ -> false);
    assertThat(transcript).containsExactly("discard 0-2 AGE after 0", "ok 2-4 #1");
  }

  @Test
  void recordsThatBecomeTooOldWhileTheyAreRetriedAreDiscarded() {
    BatchDelivery delivery =
        new BatchDelivery(new long[] {now - 59_950, now}, new Rules(-1, 60_000, false));
    run(delivery, i -> i == 0);
    assertThat(transcript)
        .containsExactly("fail 0-2 #1", "pause 100", "discard 0-1 AGE after 1", "ok 1-2 #2");
  }

  @Test
  void whatWasReportedAsDoneIsNotSentAgainAndTheRestHasAllItsRetries() {
    BatchDelivery delivery = new BatchDelivery(created(5, now), new Rules(0, -1, false));
    assertThat(delivery.next(now)).isEqualTo(new Step.Send(0, 5, 1));
    delivery.answered(new FunctionAnswer.FailedFrom(2, FAILED), now);
    assertThat(delivery.done()).isEqualTo(2);
    assertThat(delivery.next(now)).isEqualTo(new Step.Pause(now + 100));
    assertThat(delivery.next(now + 100)).isEqualTo(new Step.Send(2, 5, 2));
    delivery.answered(new FunctionAnswer.FailedFrom(0, FAILED), now + 100);
    assertThat(delivery.next(now + 100))
        .isInstanceOfSatisfying(
            Step.Discard.class, d -> assertThat(d.cause()).isEqualTo(Cause.RETRIES));
  }

  @Test
  void pausesGrowToHalfAMinute() {
    assertThat(BatchDelivery.pauseBefore(1)).isEqualTo(100);
    assertThat(BatchDelivery.pauseBefore(5)).isEqualTo(1_600);
    assertThat(BatchDelivery.pauseBefore(9)).isEqualTo(25_600);
    assertThat(BatchDelivery.pauseBefore(10)).isEqualTo(30_000);
    assertThat(BatchDelivery.pauseBefore(10_000)).isEqualTo(30_000);
  }

  /** Whatever is poisoned: only that is discarded when cuts are allowed, all else is delivered. */
  @Test
  void eachRecordEndsOnceInOrderWhateverFails() {
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int records = 1 + random.nextInt(40);
      boolean[] poisoned = new boolean[records];
      for (int i = 0; i < records; i++) {
        poisoned[i] = random.nextInt(6) == 0;
      }
      Rules rules = new Rules(random.nextInt(3), -1, true);
      BatchDelivery delivery = new BatchDelivery(created(records, now), rules);
      transcript.clear();
      run(delivery, i -> poisoned[i]);
      assertThat(delivery.done()).isEqualTo(records);
      int at = 0;
      for (String line : transcript) {
        if (line.startsWith("ok ") || line.startsWith("discard ")) {
          String[] words = line.split("[ -]");
          int from = Integer.parseInt(words[1]);
          int to = Integer.parseInt(words[2]);
          assertThat(from).as("seed %s: %s", seed, transcript).isEqualTo(at);
          for (int i = from; i < to; i++) {
            assertThat(poisoned[i]).as("seed %s", seed).isEqualTo(line.startsWith("discard "));
          }
          at = to;
        }
      }
      assertThat(at).isEqualTo(records);
    }
  }
}
