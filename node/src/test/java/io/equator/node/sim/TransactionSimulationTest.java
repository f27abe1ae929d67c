package io.equator.node.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.sim.Seeds;
import io.equator.replication.sim.Trace;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protects what transactions promise: all or nothing, once, visible when answered, read as one;
 * whatever crashes, pauses, is late or comes twice; and nothing is left over. And the simulation
 * itself, by bugs that it must find.
 *
 * <p>A failing seed is printed. {@code -Dequator.sim.first=SEED -Dequator.sim.seeds=1} runs it
 * again, event by event the same.
 */
class TransactionSimulationTest {
  private static final long FIRST = Long.getLong("equator.sim.first", 1);

  /** A run costs about five times one of a partition alone. */
  private static final int SEEDS = Math.ceilDiv(Integer.getInteger("equator.sim.seeds", 1_000), 5);

  private static final int SEEDS_FOR_BUGS = 500;

  @Test
  void theBooksAreRightWithEverySeed() {
    Seeds.each(FIRST, SEEDS, seed -> new TransactionRun(seed, Set.of()).run());
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 3; seed++) {
      Trace first = trace(seed);
      Trace second = trace(seed);
      assertThat(second.hash()).as("trace of seed %s", seed).isEqualTo(first.hash());
      assertThat(second.count()).isEqualTo(first.count()).isGreaterThan(40);
    }
  }

  private static Trace trace(long seed) {
    TransactionRun run = new TransactionRun(seed, Set.of());
    run.run();
    return run.trace();
  }

  @Test
  void mostTransactionsHaveAnOutcomeAndAllKindsOccur() {
    int committed = 0;
    int cancelled = 0;
    int reads = 0;
    int unknown = 0;
    for (long seed = 1; seed <= 20; seed++) {
      TransactionRun run = new TransactionRun(seed, Set.of());
      run.run();
      committed += run.bank().committed();
      cancelled += run.bank().cancelled();
      reads += run.bank().reads();
      unknown += run.bank().unknown();
    }
    assertThat(committed).as("committed").isGreaterThan(20 * 30);
    assertThat(cancelled).as("cancelled").isGreaterThan(20);
    assertThat(reads).as("reads").isGreaterThan(20 * 10);
    assertThat(unknown).as("unknown").isPositive().isLessThan(committed);
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFound(TransactionBug bug) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      try {
        if (!new TransactionRun(seed, EnumSet.of(bug)).run().isEmpty()) {
          return;
        }
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    throw new AssertionError("no seed of " + SEEDS_FOR_BUGS + " finds " + bug);
  }
}
