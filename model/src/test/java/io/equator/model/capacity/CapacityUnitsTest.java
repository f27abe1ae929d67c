package io.equator.model.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Capacity units at the borders of their steps. */
class CapacityUnitsTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0, 0.5, 1, 2
          1, 0.5, 1, 2
          4096, 0.5, 1, 2
          4097, 1, 2, 4
          409600, 50, 100, 200
          1048576, 128, 256, 512
          """)
  void reads(long size, double eventual, double consistent, double transactional) {
    assertThat(CapacityUnits.read(size, ReadMode.of(false))).isEqualTo(eventual);
    assertThat(CapacityUnits.read(size, ReadMode.of(true))).isEqualTo(consistent);
    assertThat(CapacityUnits.read(size, ReadMode.TRANSACTIONAL)).isEqualTo(transactional);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0, 0, 1
          0, 1, 1
          0, 1024, 1
          0, 1025, 2
          5000, 10, 5
          10, 5000, 5
          """)
  void writes(long before, long after, double units) {
    assertThat(CapacityUnits.write(before, after)).isEqualTo(units);
    assertThat(CapacityUnits.transactionalWrite(before, after)).isEqualTo(2 * units);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0, 0, false, 0
          0, 1500, false, 2
          1500, 0, false, 2
          100, 1500, false, 2
          3000, 1500, false, 3
          3000, 1500, true, 5
          """)
  void writesOfIndexRows(long before, long after, boolean moved, double units) {
    assertThat(CapacityUnits.indexWrite(before, after, moved)).isEqualTo(units);
  }

  @Test
  void fetchedItemsAreRoundedOneByOne() {
    long rounded = CapacityUnits.roundedForFetch(10) + CapacityUnits.roundedForFetch(4097);
    assertThat(rounded).isEqualTo(3 * 4096);
    assertThat(CapacityUnits.fetch(rounded, ReadMode.EVENTUAL)).isEqualTo(1.5);
    assertThat(CapacityUnits.fetch(0, ReadMode.CONSISTENT)).isZero();
  }
}
