package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Protects where a load is parted, and that one hot key is not. */
class LoadSampleTest {
  private static final int MANY = LoadSample.EVERY * LoadSample.KEPT * 2;
  private final LoadSample sample = new LoadSample();
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void littleSaysNothing() {
    for (int i = 0; i < LoadSample.EVERY * LoadSample.LEAST - 1; i++) {
      sample.touch(random.nextLong());
    }
    assertThat(sample.half()).isEmpty();
    sample.touch(1);
    assertThat(sample.half()).isPresent();
  }

  @Test
  void anEvenLoadIsPartedAboutTheMiddle() {
    for (int i = 0; i < MANY; i++) {
      sample.touch(random.nextLong());
    }
    double share = (sample.half().orElseThrow() >>> 1) / 0x1p63;
    assertThat(share).isBetween(0.4, 0.6);
  }

  /** Unsigned: tokens above the middle are greater. */
  @Test
  void aLoadOnTheUpperTokensIsPartedThere() {
    for (int i = 0; i < MANY; i++) {
      sample.touch(random.nextLong() | 0xC000_0000_0000_0000L);
    }
    double share = (sample.half().orElseThrow() >>> 1) / 0x1p63;
    assertThat(share).isBetween(0.85, 0.9);
  }

  @Test
  void oneKeyWithMoreThanHalfIsNotParted() {
    for (int i = 0; i < MANY; i++) {
      sample.touch(random.nextInt(10) < 6 ? 5 : random.nextLong());
    }
    assertThat(sample.half()).isEmpty();
  }

  @Test
  void aKeyWithAlmostHalfAtTheBeginningStaysThere() {
    for (int i = 0; i < MANY; i++) {
      sample.touch(random.nextInt(10) < 4 ? 0 : 1 + random.nextInt(1_000_000));
    }
    assertThat(sample.half().orElseThrow()).isPositive();
  }

  @Test
  void whatWasLongAgoIsForgotten() {
    for (int i = 0; i < MANY; i++) {
      sample.touch(3);
    }
    for (int i = 0; i < MANY; i++) {
      sample.touch(random.nextLong());
    }
    assertThat(sample.half()).isPresent();
  }
}
