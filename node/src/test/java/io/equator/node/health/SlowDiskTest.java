package io.equator.node.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Second by second, in time that the test makes: 100 ms, five times the peers, for ten seconds. */
final class SlowDiskTest {
  private static final long WELL = 2_000;
  private static final long BAD = 200_000;
  private static final List<Long> PEERS = List.of(WELL, WELL);

  private final SlowDisk disk = new SlowDisk(SlowDiskRules.defaults());
  private long second;

  private boolean look(long micros, List<Long> peers, int seconds) {
    boolean slow = false;
    for (int i = 0; i < seconds; i++) {
      slow = disk.look(second++ * 1_000_000_000L, micros, peers);
    }
    return slow;
  }

  @Test
  void itIsSlowAfterTenSecondsAndNotBefore() {
    assertThat(look(BAD, PEERS, 10)).isFalse();
    assertThat(look(BAD, PEERS, 1)).isTrue();
  }

  @Test
  void aBreakBeginsTheTimeAnew() {
    assertThat(look(BAD, PEERS, 9)).isFalse();
    assertThat(look(WELL, PEERS, 1)).isFalse();
    assertThat(look(BAD, PEERS, 10)).isFalse();
    assertThat(look(BAD, PEERS, 1)).isTrue();
  }

  @Test
  void itIsWellAgainBelowHalfForAsLong() {
    look(BAD, PEERS, 11);
    assertThat(look(60_000, PEERS, 100)).as("between the two bounds nothing changes").isTrue();
    assertThat(look(WELL, PEERS, 10)).isTrue();
    assertThat(look(WELL, PEERS, 1)).isFalse();
  }

  @Test
  void whenAllAreSlowNobodyIs() {
    assertThat(look(BAD, List.of(BAD, BAD), 100)).isFalse();
  }

  @Test
  void oneSlowPeerIsNoExcuse() {
    assertThat(look(BAD, List.of(BAD, WELL), 11)).isTrue();
  }

  @Test
  void whoHasNoPeersIsNeverSlow() {
    assertThat(look(BAD, List.of(), 100)).isFalse();
  }

  @Test
  void manyTimesAsSlowIsWellWhileItIsFastEnough() {
    assertThat(look(50_000, PEERS, 100)).isFalse();
  }

  @Test
  void zeroSwitchesItOff() {
    SlowDisk off = new SlowDisk(new SlowDiskRules(Duration.ZERO, 5, Duration.ofSeconds(1)));
    for (int i = 0; i < 10; i++) {
      assertThat(off.look(i * 1_000_000_000L, BAD, PEERS)).isFalse();
    }
  }
}
