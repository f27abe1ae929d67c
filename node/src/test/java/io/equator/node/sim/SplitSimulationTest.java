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
 * Protects what clients may not notice of splits: items stay linearizable, requests count once,
 * scans see everything, transactions are whole, the change log is each item's exact history, and
 * replicas are equal; whatever crashes, lags, is late or comes twice. And the simulation itself, by
 * bugs that it must find.
 *
 * <p>A failing seed is printed. {@code -Dequator.sim.first=SEED -Dequator.sim.seeds=1} runs it
 * again, event by event the same.
 */
class SplitSimulationTest {
  private static final long FIRST = Long.getLong("equator.sim.first", 1);

  /** A run costs about five times one of a partition alone. */
  private static final int SEEDS = Math.ceilDiv(Integer.getInteger("equator.sim.seeds", 1_500), 5);

  private static final int SEEDS_WITH_BANK = SEEDS / 10 + 1;
  private static final int SEEDS_FOR_BUGS = 3_000;

  @Test
  void noClientSeesASplit() {
    Seeds.each(FIRST, SEEDS, seed -> run(seed, false));
  }

  @Test
  void transactionsStayWhole() {
    Seeds.each(FIRST, SEEDS_WITH_BANK, seed -> run(seed, true));
  }

  private static String run(long seed, boolean withBank) {
    SplitRun run = new SplitRun(seed, withBank, Set.of());
    String wrong = run.run();
    return wrong.isEmpty() ? "" : wrong + "\n" + run.trace().tail().get();
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 3; seed++) {
      for (boolean withBank : new boolean[] {false, true}) {
        Trace first = trace(seed, withBank);
        Trace second = trace(seed, withBank);
        assertThat(second.hash()).as("trace of seed %s", seed).isEqualTo(first.hash());
        assertThat(second.count()).isEqualTo(first.count()).isGreaterThan(40);
      }
    }
  }

  private static Trace trace(long seed, boolean withBank) {
    SplitRun run = new SplitRun(seed, withBank, Set.of());
    run.run();
    return run.trace();
  }

  @Test
  void partitionsAreSplitAndGoAndClientsAreAnswered() {
    int splits = 0;
    int retired = 0;
    int answers = 0;
    int unknown = 0;
    int scans = 0;
    for (long seed = 1; seed <= 30; seed++) {
      SplitRun run = new SplitRun(seed, false, Set.of());
      run.run();
      splits += run.splits();
      retired += run.retired();
      answers += run.clients().answers();
      unknown += run.clients().unknown();
      scans += run.clients().scans();
    }
    assertThat(splits).as("splits").isGreaterThan(30);
    assertThat(retired).as("retired").isEqualTo(splits);
    assertThat(answers).as("answers").isGreaterThan(30 * 100);
    assertThat(unknown).as("unknown").isPositive().isLessThan(answers / 10);
    assertThat(scans).as("scans").isGreaterThan(30);
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFound(SplitBug bug) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      try {
        boolean withBank = NEEDS_TRANSACTIONS.contains(bug);
        if (!new SplitRun(seed, withBank, EnumSet.of(bug)).run().isEmpty()) {
          return;
        }
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    throw new AssertionError("no seed of " + SEEDS_FOR_BUGS + " finds " + bug);
  }

  private static final Set<SplitBug> NEEDS_TRANSACTIONS =
      EnumSet.of(SplitBug.FORGET_THE_FINISHED, SplitBug.FORGET_THE_LOCKS, SplitBug.TELL_ONE_HALF);
}
