package io.equator.server.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The keys of a workload follow the distribution that its name promises. */
class KeyChooserTest {

  private static final int RECORDS = 1000;
  private static final int DRAWS = 200_000;

  @Test
  void uniformTouchesEveryRecordAboutEquallyOften() {
    long[] counts = draw(KeyChooser.Distribution.UNIFORM.over(RECORDS));

    assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(DRAWS / RECORDS / 2);
    assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThan(DRAWS / RECORDS * 2);
  }

  @Test
  void zipfianGivesEachRankItsShare() {
    KeyChooser.Zipfian zipfian = new KeyChooser.Zipfian(RECORDS);
    SplittableRandom random = new SplittableRandom(1);
    long[] ranks = new long[RECORDS];
    for (int i = 0; i < DRAWS; i++) {
      ranks[(int) zipfian.rank(random.nextDouble())]++;
    }

    double zeta =
        LongStream.rangeClosed(1, RECORDS).mapToDouble(r -> 1 / Math.pow((double) r, 0.99)).sum();
    assertThat(ranks[0] / (double) DRAWS).isBetween(0.95 / zeta, 1.05 / zeta);
    double tenth = 1 / Math.pow(10, 0.99) / zeta;
    assertThat(ranks[9] / (double) DRAWS).isBetween(0.7 * tenth, 1.3 * tenth);
  }

  @Test
  void zipfianScattersTheHotRecords() {
    long[] counts = draw(KeyChooser.Distribution.ZIPFIAN.over(RECORDS));
    int hottest = 0;
    for (int i = 0; i < RECORDS; i++) {
      hottest = counts[i] > counts[hottest] ? i : hottest;
    }

    assertThat(counts[hottest]).isGreaterThan(DRAWS / 20);
    assertThat(counts[(hottest + 1) % RECORDS]).isLessThan(counts[hottest] / 4);
  }

  @Test
  void theSmallestTableHasTwoRecordsAndBothAreDrawn() {
    KeyChooser.Zipfian zipfian = new KeyChooser.Zipfian(2);
    SplittableRandom random = new SplittableRandom(1);

    assertThat(LongStream.range(0, 100).map(i -> zipfian.next(random)).distinct().sorted())
        .containsExactly(0L, 1L);
  }

  private static long[] draw(KeyChooser keys) {
    SplittableRandom random = new SplittableRandom(7);
    long[] counts = new long[RECORDS];
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) keys.next(random)]++;
    }
    return counts;
  }
}
