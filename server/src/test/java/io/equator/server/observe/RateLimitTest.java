package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {

  private final AtomicLong now = new AtomicLong(5);
  private final RateLimit limit = new RateLimit(2, now::get);

  @Test
  void letsSomeThroughInEachSecondAndTellsOfTheRest() {
    assertThat(limit.take()).isZero();
    assertThat(limit.take()).isZero();
    for (int i = 0; i < 7; i++) {
      assertThat(limit.take()).isNegative();
    }
    now.addAndGet(999_999_999);
    assertThat(limit.take()).as("still the same second").isNegative();
    now.addAndGet(1);
    assertThat(limit.take()).as("those that were held back").isEqualTo(8);
    assertThat(limit.take()).isZero();
    assertThat(limit.take()).isNegative();
  }
}
