package io.equator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.log.GroupId;
import org.junit.jupiter.api.Test;

/** A replica that failed is opened again soon, and later each time that it fails again. */
final class ReplicaFailuresTest {
  private static final GroupId GROUP = GroupId.ofPartition(3);

  private long now = 5_000;
  private final ReplicaFailures failures = new ReplicaFailures(() -> now);

  private void fail() {
    failures.replicaFailed(GROUP, new IllegalStateException("broken"));
    failures.replicaFailed(GROUP, new IllegalStateException("broken, told twice"));
    assertThat(failures.fresh()).containsExactly(GROUP);
    assertThat(failures.fresh()).isEmpty();
  }

  /** How long it waits, in milliseconds. */
  private long delay() {
    long began = now;
    while (!failures.mayOpen(GROUP)) {
      now += 100;
    }
    failures.opened(GROUP);
    return now - began;
  }

  @Test
  void whatHasNotFailedMayBeOpened() {
    assertThat(failures.mayOpen(GROUP)).isTrue();
    assertThat(failures.fresh()).isEmpty();
  }

  @Test
  void theDelaysGrowAndHaveABound() {
    fail();
    assertThat(failures.mayOpen(GROUP)).isFalse();
    assertThat(failures.mayOpen(GroupId.ofPartition(4))).isTrue();
    assertThat(delay()).isEqualTo(1_000);
    fail();
    assertThat(delay()).isEqualTo(2_000);
    fail();
    assertThat(delay()).isEqualTo(4_000);
    for (int i = 0; i < 30; i++) {
      fail();
      delay();
    }
    fail();
    assertThat(delay()).isEqualTo(300_000);
  }

  @Test
  void whatWasSoundForLongBeginsAgainWithAShortDelay() {
    for (int i = 0; i < 5; i++) {
      fail();
      delay();
    }
    now += 3_600_000;
    fail();
    assertThat(delay()).isEqualTo(1_000);
  }
}
