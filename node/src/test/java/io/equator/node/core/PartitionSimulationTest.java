package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.Trace;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protects the way of a write through the partition core: what clients are told is linearizable and
 * each write is made once, under crashes that forget, changes of leader, cuts, lost answers and
 * retries; and replicas that applied the same hold the same rows.
 */
final class PartitionSimulationTest {
  private static final int SEEDS = Integer.getInteger("equator.sim.seeds", 60);
  private static final int SEEDS_FOR_BUGS = 2_000;

  @Test
  void everySeedIsLinearizableAndItsReplicasAgree() {
    int answers = 0;
    int retries = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      PartitionRun run = PartitionRun.sound(seed).run();
      assertThat(run.linearizable())
          .withFailMessage("seed %s: %s", seed, run.trace().tail().get())
          .isTrue();
      assertThat(run.replicasAgree()).as("replicas agree, seed %s", seed).isTrue();
      answers += run.answers();
      retries += run.retriesAnswered();
    }
    assertThat(answers / SEEDS).as("answers in a run").isGreaterThan(50);
    assertThat(retries / SEEDS).as("answers to retries in a run").isGreaterThan(5);
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 3; seed++) {
      Trace first = PartitionRun.sound(seed).run().trace();
      Trace second = PartitionRun.sound(seed).run().trace();
      assertThat(second.hash()).as("trace of seed %s", seed).isEqualTo(first.hash());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PlantedBug.class,
      names = {"CONFIRM_WITHOUT_ASKING", "READY_TOO_EARLY", "ANSWER_BEFORE_COMMIT"})
  void aPlantedBugIsFound(PlantedBug bug) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      if (fails(seed, bug)) {
        return;
      }
    }
    throw new AssertionError("no seed finds " + bug);
  }

  private static boolean fails(long seed, PlantedBug bug) {
    PartitionRun run = new PartitionRun(seed, EnumSet.of(bug));
    try {
      run.run();
    } catch (AssertionError | IllegalStateException | IndexOutOfBoundsException e) {
      return true;
    }
    return !run.linearizable() || !run.replicasAgree();
  }
}
