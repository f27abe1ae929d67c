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
 * Protects what must hold while replicas move and nodes come, go and die: items stay linearizable,
 * no acknowledged write is lost, a group has one leader in a term, nobody who counts throws its log
 * away; and, when all is well again, the catalog and the groups agree, replicas are equal, drained
 * nodes are empty. And the simulation itself, by bugs that it must find.
 *
 * <p>A failing seed is printed. {@code -Dequator.sim.first=SEED -Dequator.sim.seeds=1} runs it
 * again, event by event the same.
 */
class MoveSimulationTest {
  private static final long FIRST = Long.getLong("equator.sim.first", 1);

  /** A run costs about five times one of a partition alone. */
  private static final int SEEDS = Math.ceilDiv(Integer.getInteger("equator.sim.seeds", 1_000), 5);

  private static final int SEEDS_FOR_BUGS = 3_000;

  @Test
  void noMoveLosesAnything() {
    Seeds.each(FIRST, SEEDS, MoveSimulationTest::run);
  }

  private static String run(long seed) {
    MoveRun run = new MoveRun(seed, Set.of());
    String wrong = run.run();
    return wrong.isEmpty() ? "" : wrong + "\n" + run.trace().tail().get();
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
    MoveRun run = new MoveRun(seed, Set.of());
    run.run();
    return run.trace();
  }

  @Test
  void replicasMoveNodesComeAndGoAndClientsAreAnswered() {
    int moves = 0;
    int movesOfSplitOnes = 0;
    int splits = 0;
    int nodes = 0;
    int answers = 0;
    int unknown = 0;
    for (long seed = 1; seed <= 30; seed++) {
      MoveRun run = new MoveRun(seed, Set.of());
      run.run();
      moves += run.moves();
      movesOfSplitOnes += run.movesOfSplitOnes();
      splits += run.splits();
      nodes += run.nodesEver();
      answers += run.clients().answers();
      unknown += run.clients().unknown();
    }
    assertThat(moves).as("moves").isGreaterThan(60);
    assertThat(movesOfSplitOnes).as("moves of partitions that had been split").isGreaterThan(5);
    assertThat(splits).as("splits").isGreaterThan(5);
    assertThat(nodes).as("nodes").isGreaterThan(30 * 4);
    assertThat(answers).as("answers").isGreaterThan(30 * 40);
    assertThat(unknown).as("unknown").isPositive().isLessThan(answers / 5);
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFound(MoveBug bug) {
    for (long seed = 1; seed <= SEEDS_FOR_BUGS; seed++) {
      try {
        if (!new MoveRun(seed, EnumSet.of(bug)).run().isEmpty()) {
          return;
        }
      } catch (AssertionError | RuntimeException e) {
        return;
      }
    }
    throw new AssertionError("no seed of " + SEEDS_FOR_BUGS + " finds " + bug);
  }
}
