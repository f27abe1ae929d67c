package io.equator.node.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.indexes.SimulatedIndexes.Bug;
import io.equator.replication.sim.Seeds;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protects what global indexes promise: none ever shows a write that was not committed; at rest
 * each is exactly its table's image, also one that is added to a table that is written meanwhile;
 * whatever crashes, lags, is split, late or comes twice. And the simulation itself, by bugs that it
 * must find.
 *
 * <p>A failing seed is printed. {@code -Dequator.sim.first=SEED -Dequator.sim.seeds=1} runs it
 * again, event by event the same.
 */
class IndexSimulationTest {
  private static final long FIRST = Long.getLong("equator.sim.first", 1);

  /** A run costs about five times one of a partition alone. */
  private static final int SEEDS = Math.ceilDiv(Integer.getInteger("equator.sim.seeds", 1_500), 5);

  private static final int SEEDS_WITH_BANK = SEEDS / 20 + 1;
  private static final int SEEDS_FOR_BUGS = 1_000;

  @Test
  void atRestEachIndexIsItsTablesImage() {
    Seeds.each(FIRST, SEEDS, seed -> run(SplitRun.withIndexes(seed, Set.of())));
  }

  @Test
  void transactionsAreInTheIndex() {
    Seeds.each(FIRST, SEEDS_WITH_BANK, seed -> run(SplitRun.withIndexesAndBank(seed)));
  }

  private static String run(SplitRun run) {
    String wrong = run.run();
    return wrong.isEmpty() ? "" : wrong + "\n" + run.trace().tail().get();
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 5; seed++) {
      SplitRun first = SplitRun.withIndexes(seed, Set.of());
      first.run();
      SplitRun second = SplitRun.withIndexes(seed, Set.of());
      second.run();
      assertThat(second.trace().hash())
          .as("trace of seed %s", seed)
          .isEqualTo(first.trace().hash());
      assertThat(second.trace().count()).isEqualTo(first.trace().count()).isGreaterThan(40);
    }
  }

  @Test
  void indexesAreAddedWhilePartitionsAreSplit() {
    int splits = 0;
    for (long seed = 1; seed <= 20; seed++) {
      SplitRun run = SplitRun.withIndexes(seed, Set.of());
      run.run();
      assertThat(run.indexIsBuilt()).as("index of seed %s", seed).isTrue();
      splits += run.splits();
    }
    assertThat(splits).isGreaterThan(10);
  }

  @Test
  void anIndexFromTheFutureIsSeenAsOne() {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      if (SplitRun.withIndexes(seed, EnumSet.of(Bug.READ_WHAT_IS_PROPOSED))
          .run()
          .contains("is from the future")) {
        return;
      }
    }
    throw new AssertionError("nobody has seen it");
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFound(Bug bug) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      try {
        if (!SplitRun.withIndexes(seed, EnumSet.of(bug)).run().isEmpty()) {
          return;
        }
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    throw new AssertionError("no seed of " + SEEDS_FOR_BUGS + " finds " + bug);
  }
}
