package io.equator.coordinator.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.partitioner.TokenRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments tile the tokens. */
class SegmentTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 64, 999, 1000})
  void segmentsTileTheTokens(int total) {
    long next = 0;
    for (int i = 0; i < total; i++) {
      TokenRange tokens = new Segment(i, total).tokens();
      assertThat(tokens.first().bits()).isEqualTo(next);
      next = tokens.last().bits() + 1;
    }
    assertThat(next).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 499_999, 999_998, 999_999})
  void segmentsOfTheLargestScanAreEqualToOneToken(int number) {
    TokenRange tokens = new Segment(number, 1_000_000).tokens();
    long length = tokens.last().bits() - tokens.first().bits() + 1;
    assertThat(length).isBetween(18_446_744_073_709L, 18_446_744_073_710L);
  }
}
