package io.equator.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Protects writers from a hand-over: what is under way ends before it, and nothing new begins. */
class ProposalGateTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final ProposalGate gate = new ProposalGate();

  @Test
  void nobodyEntersAShutGate() {
    assertThat(gate.enter()).isTrue();
    assertThat(gate.shut()).isTrue();
    assertThat(gate.shut()).as("it is shut already").isFalse();
    assertThat(gate.enter()).isFalse();
    gate.open();
    assertThat(gate.enter()).isTrue();
  }

  @Test
  void whoWasRefusedIsNotUnderWay() throws InterruptedException {
    gate.shut();
    assertThat(gate.enter()).isFalse();
    assertThat(gate.awaitEmpty(LONG)).isTrue();
  }

  @Test
  void theLastOneThatLeavesWakesWhoWaits() throws Exception {
    gate.enter();
    gate.enter();
    gate.shut();
    assertThat(gate.awaitEmpty(Duration.ofMillis(1))).as("two are under way").isFalse();
    gate.leave();
    CompletableFuture<Boolean> empty =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return gate.awaitEmpty(LONG);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    gate.leave();
    assertThat(empty.get(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
  }
}
