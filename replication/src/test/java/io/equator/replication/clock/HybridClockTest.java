package io.equator.replication.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HybridClockTest {

  private long wall = 1_000;
  private final HybridClock clock = new HybridClock(() -> wall, Duration.ofMillis(500));

  @Test
  void followsTheWall() {
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(1_000, 0));
    wall = 2_000;
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(2_000, 0));
  }

  @Test
  void countsWithinAMillisecondAndWhenTheWallGoesBack() {
    clock.next();
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(1_000, 1));
    wall = 500;
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(1_000, 2));
  }

  @Test
  void aFullCounterGoesOnInTheNextMillisecond() {
    HybridTimestamp previous = clock.next();
    for (int i = 0; i < 70_000; i++) {
      HybridTimestamp next = clock.next();
      assertThat(next.compareTo(previous)).isPositive();
      previous = next;
    }
    assertThat(previous.millis()).isEqualTo(1_001);
  }

  @Test
  void runsPastWhatItObserved() {
    assertThat(clock.observe(HybridTimestamp.of(1_400, 7))).isTrue();
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(1_400, 8));
  }

  @Test
  void doesNotBelieveAClockThatIsTooFarAhead() {
    assertThat(clock.observe(HybridTimestamp.of(1_501, 0))).isFalse();
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(1_000, 0));
    assertThat(clock.observe(HybridTimestamp.of(1_500, 0))).isTrue();
  }

  @Test
  void startsBehindItsOwnState() {
    clock.raise(HybridTimestamp.of(9_000, 3).bits());
    assertThat(clock.next()).isEqualTo(HybridTimestamp.of(9_000, 4));
  }

  @Test
  void aVersionIsNewerThanTheOneItReplaces() {
    HybridTimestamp stored = HybridTimestamp.of(3_000, 1);
    assertThat(new HybridTimestamp(clock.after(stored.bits())))
        .isEqualTo(HybridTimestamp.of(3_000, 2));
    assertThat(clock.next()).isGreaterThan(stored);
  }

  @Test
  void partsGoInAndOut() {
    HybridTimestamp timestamp = HybridTimestamp.of((1L << 48) - 1, 65_535);
    assertThat(timestamp.millis()).isEqualTo((1L << 48) - 1);
    assertThat(timestamp.counter()).isEqualTo(65_535);
    assertThat(timestamp).isGreaterThan(HybridTimestamp.of(1, 0));
    assertThat(HybridTimestamp.of(12, 34)).hasToString("12.34");
  }

  @Test
  void refusesPartsThatDoNotFit() {
    assertThatThrownBy(() -> HybridTimestamp.of(1L << 48, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HybridTimestamp.of(0, 1 << 16))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
