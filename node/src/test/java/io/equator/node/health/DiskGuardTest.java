package io.equator.node.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a node is read-only, and that it does not change its mind with every file. */
final class DiskGuardTest {
  private static final DiskLimits LIMIT_OF_100 = new DiskLimits(100, 50);

  private static List<DiskSpace> free(long bytes) {
    return List.of(new DiskSpace(bytes, 1_000));
  }

  @Test
  void ofTwoBoundsTheSmallerCounts() {
    DiskLimits limits = DiskLimits.defaults();
    assertThat(limits.least(new DiskSpace(0, 10L << 40))).isEqualTo(1L << 30);
    assertThat(limits.least(new DiskSpace(0, 2L << 30))).isEqualTo((2L << 30) / 20);
    assertThat(new DiskLimits(0, 50).least(new DiskSpace(0, 1_000))).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "what is free, one look after the other | what the node is at the end",
        "1000 | ROOM",
        "100 | ROOM",
        "99 | FULL",
        "99 124 | FULL",
        "99 125 | ROOM",
        "25 | FULL",
        "24 | EXHAUSTED",
        "24 49 | EXHAUSTED",
        "24 50 | FULL",
        "24 124 | FULL",
        "24 125 | ROOM",
        "0 1000 99 | FULL",
      },
      useHeadersInDisplayName = true)
  void itIsStickyInBothDirections(String looks, DiskState end) {
    DiskGuard guard = new DiskGuard(LIMIT_OF_100);
    DiskState state = DiskState.ROOM;
    for (String free : looks.strip().split(" ")) {
      state = guard.look(free(Long.parseLong(free)), false);
    }
    assertThat(state).isEqualTo(end);
  }

  @Test
  void theFullestDiskCounts() {
    DiskGuard guard = new DiskGuard(LIMIT_OF_100);
    assertThat(guard.look(List.of(new DiskSpace(900, 1_000), new DiskSpace(90, 1_000)), false))
        .isEqualTo(DiskState.FULL);
  }

  @Test
  void aWriteThatFailedForWantOfSpaceCountsWhateverTheFiguresSay() {
    DiskGuard guard = new DiskGuard(LIMIT_OF_100);
    assertThat(guard.look(free(1_000), true)).isEqualTo(DiskState.EXHAUSTED);
    assertThat(guard.look(free(1_000), false)).isEqualTo(DiskState.ROOM);
  }

  @Test
  void aLimitOfZeroIsNeverReached() {
    DiskGuard guard = new DiskGuard(new DiskLimits(0, 5));
    assertThat(guard.look(free(0), false)).isEqualTo(DiskState.ROOM);
  }
}
