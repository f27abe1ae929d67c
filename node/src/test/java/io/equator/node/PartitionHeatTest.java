package io.equator.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Protects the rate that placement will be decided by. */
class PartitionHeatTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void comesNearASteadyRateAndForgetsIt() {
    PartitionHeat heat = new PartitionHeat(0, 1000, 50);
    for (int second = 1; second <= 60; second++) {
      heat.look(second * SECOND, 1000 + 200L * second, 50 + 10L * second);
    }
    assertThat(heat.readsPerSecond()).isCloseTo(200, within(1.0));
    assertThat(heat.writesPerSecond()).isCloseTo(10, within(0.1));
    for (int second = 61; second <= 120; second++) {
      heat.look(second * SECOND, 13_000, 650);
    }
    assertThat(heat.readsPerSecond()).isLessThan(1);
  }

  @Test
  void doesNotDependOnHowOftenItIsLookedAt() {
    PartitionHeat often = new PartitionHeat(0, 0, 0);
    PartitionHeat seldom = new PartitionHeat(0, 0, 0);
    for (int i = 1; i <= 20; i++) {
      often.look(i * SECOND / 2, 50L * i, 0);
    }
    for (int i = 1; i <= 5; i++) {
      seldom.look(i * 2 * SECOND, 200L * i, 0);
    }
    assertThat(often.readsPerSecond()).isCloseTo(seldom.readsPerSecond(), within(1e-6));
    double before = often.readsPerSecond();
    often.look(10 * SECOND, 5000, 0);
    assertThat(often.readsPerSecond()).as("no time has passed").isEqualTo(before);
  }
}
