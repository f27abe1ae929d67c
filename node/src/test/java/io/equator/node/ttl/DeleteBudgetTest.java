package io.equator.node.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The rate of deletions of expired items, in time that the test makes. */
final class DeleteBudgetTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aSecondsWorthIsThereAndThenItComesInEvenly() {
    DeleteBudget budget = new DeleteBudget(100, 0);
    assertThat(budget.take(80, 0)).isEqualTo(80);
    assertThat(budget.take(80, 0)).isEqualTo(20);
    assertThat(budget.take(80, 0)).isZero();
    assertThat(budget.take(80, SECOND / 2)).isEqualTo(50);
    assertThat(budget.take(500, 100 * SECOND)).as("no more than a second is saved").isEqualTo(100);
  }

  @Test
  void whatWasNotNeededIsThereForOthers() {
    DeleteBudget budget = new DeleteBudget(100, 0);
    assertThat(budget.take(100, 0)).isEqualTo(100);
    budget.giveBack(60);
    assertThat(budget.take(100, 0)).isEqualTo(60);
  }

  @Test
  void zeroIsNoBound() {
    assertThat(new DeleteBudget(0, 0).take(1_000_000, 0)).isEqualTo(1_000_000);
  }
}
