package io.equator.node.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.sim.Seeds;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protects what streams promise: who follows the shards from parent to child reads every change of
 * an item once, in order and with its images, and none that was none; whatever crashes, lags, is
 * split, late or comes twice, and while the stream is switched off and on. What is trimmed is old,
 * and who is behind it is told. And the simulation itself, by bugs that it must find.
 *
 * <p>A failing seed is printed. {@code -Dequator.sim.first=SEED -Dequator.sim.seeds=1} runs it
 * again, event by event the same.
 */
class StreamSimulationTest {
  private static final long FIRST = Long.getLong("equator.sim.first", 1);

  /** A run costs about five times one of a partition alone. */
  private static final int SEEDS = Math.ceilDiv(Integer.getInteger("equator.sim.seeds", 3_000), 10);

  private static final int SEEDS_FOR_BUGS = 1_000;

  @Test
  void readersSeeTheExactHistoryOfEachItem() {
    Seeds.each(FIRST, SEEDS, StreamSimulationTest::run);
  }

  private static String run(long seed) {
    SplitRun run = SplitRun.withStreams(seed, Set.of());
    String wrong = run.run();
    return wrong.isEmpty() ? "" : wrong + "\n" + run.trace().tail().get();
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 5; seed++) {
      SplitRun first = SplitRun.withStreams(seed, Set.of());
      first.run();
      SplitRun second = SplitRun.withStreams(seed, Set.of());
      second.run();
      assertThat(second.trace().hash())
          .as("trace of seed %s", seed)
          .isEqualTo(first.trace().hash());
      assertThat(second.trace().count()).isEqualTo(first.trace().count()).isGreaterThan(40);
    }
  }

  @Test
  void readersReadWhilePartitionsAreSplitAndStreamsSwitched() {
    int splits = 0;
    int switches = 0;
    int read = 0;
    int trims = 0;
    int rotated = 0;
    for (long seed = 1; seed <= 20; seed++) {
      SplitRun run = SplitRun.withStreams(seed, Set.of());
      run.run();
      splits += run.splits();
      switches += run.streams().switches();
      read += run.streams().read();
      trims += run.streams().trims();
      rotated += run.streams().rotated();
    }
    assertThat(splits).as("splits").isGreaterThan(10);
    assertThat(switches).as("switches").isGreaterThan(20);
    assertThat(read).as("records read").isGreaterThan(20 * 100);
    assertThat(rotated).as("shards that began with a rotation").isGreaterThan(20);
    assertThat(trims).as("readers behind what was trimmed").isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFound(StreamBug bug) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      try {
        if (!SplitRun.withStreams(seed, EnumSet.of(bug)).run().isEmpty()) {
          return;
        }
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    throw new AssertionError("no seed of " + SEEDS_FOR_BUGS + " finds " + bug);
  }
}
