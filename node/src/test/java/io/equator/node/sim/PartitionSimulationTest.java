package io.equator.node.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.Seeds;
import io.equator.replication.sim.Trace;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protects what a partition promises: linearizable items, requests that count once, equal replicas;
 * and the simulation itself, by bugs that it must find.
 *
 * <p>A failing seed is printed. {@code -Dequator.sim.first=SEED -Dequator.sim.seeds=1} runs it
 * again, event by event the same.
 */
class PartitionSimulationTest {

  private static final long FIRST = Long.getLong("equator.sim.first", 1);
  private static final int SEEDS = Integer.getInteger("equator.sim.seeds", 1_000);
  private static final int SEEDS_FOR_BUGS = 2_000;

  @Test
  void everySeedIsLinearizableAndItsReplicasAgree() {
    Seeds.each(FIRST, SEEDS, seed -> judge(PartitionRun.sound(seed)));
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 5; seed++) {
      Trace first = PartitionRun.sound(seed).run().trace();
      Trace second = PartitionRun.sound(seed).run().trace();
      assertThat(second.hash()).as("trace of seed %s", seed).isEqualTo(first.hash());
      assertThat(second.count()).isEqualTo(first.count()).isGreaterThan(100);
    }
  }

  @Test
  void mostCallsAreAnsweredAndSomeStayUnknown() {
    int answers = 0;
    int unknown = 0;
    for (long seed = 1; seed <= 20; seed++) {
      PartitionRun run = PartitionRun.sound(seed).run();
      answers += run.answers();
      unknown += run.unknown();
    }
    assertThat(answers).isGreaterThan(20 * 100);
    assertThat(unknown).isPositive().isLessThan(answers / 10);
  }

  @ParameterizedTest
  // Members of a group do not change here.
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"IGNORE_EXPECTED_TERM", "COUNT_NEW_MEMBERS_AT_ONCE", "CHANGE_IN_ONE_STEP"})
  void aBugPlantedInTheLogIsFound(PlantedBug bug) {
    assertIsFound(EnumSet.of(bug), EnumSet.noneOf(NodeBug.class));
  }

  @Test
  void aMissingTermGuardIsFoundWhenTheLogIgnoresTheTermToo() {
    assertIsFound(EnumSet.of(PlantedBug.IGNORE_EXPECTED_TERM), EnumSet.of(NodeBug.NO_TERM_GUARD));
  }

  @Test
  void aRequestThatIsNotRecognisedWhenItComesAgainIsFound() {
    assertIsFound(EnumSet.noneOf(PlantedBug.class), EnumSet.of(NodeBug.NO_REQUEST_IDS));
  }

  private static void assertIsFound(Set<PlantedBug> logBugs, Set<NodeBug> nodeBugs) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      try {
        if (!judge(new PartitionRun(seed, logBugs, nodeBugs)).isEmpty()) {
          return;
        }
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    throw new AssertionError("no seed of " + SEEDS_FOR_BUGS + " finds " + logBugs + nodeBugs);
  }

  /** Runs it; empty when all is well, else what is wrong and what happened last. */
  private static String judge(PartitionRun run) {
    run.run();
    if (!run.linearizable()) {
      return "not linearizable; the end of the run:\n" + run.trace().tail().get();
    }
    if (!run.replicasAgree()) {
      return "the replicas differ";
    }
    return run.countersAreTrue() ? "" : "the counters do not count the rows";
  }
}
