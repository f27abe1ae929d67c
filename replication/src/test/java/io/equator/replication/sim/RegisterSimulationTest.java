package io.equator.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protects the model log and the confirmer: what is answered behind the port is linearizable under
 * crashes, cuts and lost messages; and the checks themselves, by bugs that they must find.
 */
class RegisterSimulationTest {

  private static final int SEEDS = Integer.getInteger("equator.sim.seeds", 300);
  private static final int SEEDS_FOR_BUGS = 3_000;

  @Test
  void everySeedIsLinearizableAndItsReplicasAgree() {
    Seeds.each(1, SEEDS, RegisterSimulationTest::judge);
  }

  private static String judge(long seed) {
    RegisterRun run = RegisterRun.sound(seed).run();
    if (!run.linearizable()) {
      return "not linearizable: " + run.trace().tail().get();
    }
    return run.replicasAgree() ? "" : "replicas do not agree";
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 5; seed++) {
      Trace first = RegisterRun.sound(seed).run().trace();
      Trace second = RegisterRun.sound(seed).run().trace();
      assertThat(second.hash()).as("trace of seed %s", seed).isEqualTo(first.hash());
      assertThat(second.count()).isEqualTo(first.count()).isGreaterThan(50);
    }
  }

  @Test
  void mostRequestsAreAnswered() {
    int answers = 0;
    for (long seed = 1; seed <= 20; seed++) {
      answers += RegisterRun.sound(seed).run().answers();
    }
    assertThat(answers / 20).as("answers in a run").isGreaterThan(50);
  }

  @ParameterizedTest
  // Members do not change here; see the simulation of moves.
  @EnumSource(
      value = PlantedBug.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"COUNT_NEW_MEMBERS_AT_ONCE", "CHANGE_IN_ONE_STEP"})
  void aPlantedBugIsFound(PlantedBug bug) {
    // The term guard of the machine would hide an ignored term, as it should: take it away too.
    boolean guarded = bug != PlantedBug.IGNORE_EXPECTED_TERM;
    long seed = firstSeedThatFails(bug, guarded);
    assertThat(seed).as("seed that finds %s", bug).isPositive();
  }

  @Test
  void theTermGuardOfTheMachineSavesALogThatIgnoresTheTerm() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(fails(seed, PlantedBug.IGNORE_EXPECTED_TERM, true)).as("seed %s", seed).isFalse();
    }
  }

  private static long firstSeedThatFails(PlantedBug bug, boolean guarded) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      if (fails(seed, bug, guarded)) {
        return seed;
      }
    }
    return -1;
  }

  private static boolean fails(long seed, PlantedBug bug, boolean guarded) {
    RegisterRun run = new RegisterRun(seed, EnumSet.of(bug), guarded);
    try {
      run.run();
    } catch (AssertionError | IllegalStateException | IndexOutOfBoundsException e) {
      return true;
    }
    return !run.linearizable() || !run.replicasAgree();
  }
}
