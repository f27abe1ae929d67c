package io.equator.partitioner;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.partitioner.SplitPlanner.Candidate;
import io.equator.partitioner.SplitPlanner.Plan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Protects that partitions are split when it helps, one at a time, and not for ever. */
class SplitPlannerTest {
  private static final SplitRules RULES =
      new SplitRules(1_000, 100, Duration.ofSeconds(10), Duration.ofSeconds(60), 8);
  private static final TokenRange WHOLE = Ring.evenRanges(1).getFirst();

  private final SplitPlanner planner = new SplitPlanner(RULES);

  private static Candidate candidate(long id, TokenRange range, long size, double rows) {
    return new Candidate(new PartitionId(id), 1, range, size, rows, OptionalLong.of(77), 0, 2);
  }

  private static Candidate big(long id, long size) {
    return candidate(id, Ring.evenRanges(2).get((int) id % 2), size, 0);
  }

  private static Candidate hot(double rows) {
    return candidate(1, WHOLE, 0, rows);
  }

  private Optional<Long> planned(long millis, Candidate... candidates) {
    return planner
        .plan(List.of(candidates), Set.of(), millis)
        .map(plan -> plan.partition().value());
  }

  @Test
  void theBiggestIsSplitInTheMiddle() {
    Plan plan = planner.plan(List.of(big(1, 1_000), big(2, 1_200)), Set.of(), 0).orElseThrow();
    assertThat(plan.partition().value()).isEqualTo(2);
    assertThat(plan.token()).isEmpty();
    assertThat(planned(0, big(1, 999), big(2, 300))).isEmpty();
  }

  @Test
  void oneAtATimeInARing() {
    assertThat(planner.plan(List.of(big(1, 5_000)), Set.of(1), 0)).isEmpty();
    assertThat(planner.plan(List.of(big(1, 5_000)), Set.of(2), 0)).isPresent();
  }

  @Test
  void loadHasToLast() {
    assertThat(planned(0, hot(150))).isEmpty();
    assertThat(planned(9_999, hot(150))).isEmpty();
    Plan plan = planner.plan(List.of(hot(150)), Set.of(), 10_000).orElseThrow();
    assertThat(plan.token()).hasValue(77);
  }

  @Test
  void aLoadThatSwingsAboutTheBoundLasts() {
    assertThat(planned(0, hot(110))).isEmpty();
    assertThat(planned(5_000, hot(75))).isEmpty();
    assertThat(planned(10_000, hot(105))).contains(1L);
  }

  @Test
  void aLoadThatFallsBeginsAnew() {
    assertThat(planned(0, hot(150))).isEmpty();
    assertThat(planned(5_000, hot(69))).isEmpty();
    assertThat(planned(10_000, hot(150))).isEmpty();
    assertThat(planned(20_000, hot(150))).contains(1L);
  }

  @Test
  void oneHotKeyIsNotSplit() {
    Candidate oneKey =
        new Candidate(new PartitionId(1), 1, WHOLE, 0, 500, OptionalLong.empty(), 0, 2);
    planned(0, oneKey);
    assertThat(planned(100_000, oneKey)).isEmpty();
  }

  @Test
  void aHalfRestsFirst() {
    Candidate young =
        new Candidate(new PartitionId(1), 1, WHOLE, 5_000, 0, OptionalLong.empty(), 1_000, 2);
    assertThat(planned(60_999, young)).isEmpty();
    assertThat(planned(61_000, young)).contains(1L);
  }

  @Test
  void aFullNodeGetsNoMore() {
    Candidate full =
        new Candidate(new PartitionId(1), 1, WHOLE, 5_000, 0, OptionalLong.empty(), 0, 8);
    assertThat(planned(0, full)).isEmpty();
  }

  /** All bytes under one token: splitting goes on for a few times only. */
  @Test
  void oneBigKeyIsNotSplitForEver() {
    int splits = 0;
    for (int parts = 1; parts <= 1 << 20; parts *= 2) {
      TokenRange range = Ring.evenRanges(parts).getFirst();
      if (planned(0, candidate(1, range, 5_000, 0)).isEmpty()) {
        break;
      }
      splits++;
    }
    assertThat(splits).isEqualTo(3);
  }

  @Test
  void withoutRulesNothingIsSplit() {
    SplitPlanner off = new SplitPlanner(SplitRules.OFF);
    for (long millis = 0; millis < 1_000_000; millis += 100_000) {
      assertThat(off.plan(List.of(candidate(1, WHOLE, 1L << 50, 1e9)), Set.of(), millis)).isEmpty();
    }
  }
}
