package io.equator.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Protects the way in which simulations are run: a seed that is left out finds nothing. */
class SeedsTest {
  @Test
  void everySeedRunsOnce() {
    Set<Long> run = ConcurrentHashMap.newKeySet();
    Seeds.each(5, 1_000, seed -> run.add(seed) ? "" : "twice");
    assertThat(run).hasSize(1_000).contains(5L, 1_004L).doesNotContain(1_005L);
  }

  @Test
  void aSeedThatFailsIsNamed() {
    assertThatThrownBy(() -> Seeds.each(1, 100, seed -> seed == 77 ? "lost a write" : ""))
        .isInstanceOf(AssertionError.class)
        .hasMessage("seed 77: lost a write");
    assertThatThrownBy(() -> Seeds.each(1, 1, SeedsTest::broken))
        .isInstanceOf(AssertionError.class)
        .hasMessage("seed 1: no such entry")
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  private static String broken(long seed) {
    throw new IllegalStateException("no such entry");
  }
}
