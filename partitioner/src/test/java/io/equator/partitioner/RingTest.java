package io.equator.partitioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ring has no hole and no overlap, and finds the owner of every token. */
class RingTest {
  private static final TokenHash HASH = new TokenHash(new byte[16]);
  private static final List<NodeId> NODES = List.of(new NodeId("n1"));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 1000})
  void evenRangesTileTheRing(int count) {
    List<TokenRange> ranges = Ring.evenRanges(count);
    Ring ring = ring(ranges);
    assertThat(ring.partitions()).hasSize(count);
    double share = 0x1p64 / count;
    for (TokenRange range : ranges) {
      double size = unsigned(range.last().bits()) - unsigned(range.first().bits());
      assertThat(size).isBetween(share * 0.999, share * 1.001);
    }
  }

  @RepeatedTest(20)
  void findsTheOwnerAsASearchOfAllWould(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<TokenRange> ranges = randomTiling(random);
    List<TokenRange> shuffled = new ArrayList<>(ranges);
    Collections.shuffle(shuffled, random);
    Ring ring = ring(shuffled);
    PartitionMap map = new PartitionMap(List.of(ring));
    for (int i = 0; i < 500; i++) {
      TokenRange near = ranges.get(random.nextInt(ranges.size()));
      long token =
          switch (random.nextInt(4)) {
            case 0 -> near.first().bits();
            case 1 -> near.last().bits();
            default -> random.nextLong();
          };
      assertThat(map.partitionOf(1, token).range())
          .isEqualTo(ranges.stream().filter(range -> range.contains(token)).findFirst().get());

      long other = random.nextBoolean() ? token : random.nextLong();
      TokenRange asked =
          Long.compareUnsigned(token, other) <= 0
              ? TokenRange.of(token, other)
              : TokenRange.of(other, token);
      assertThat(map.partitionsIn(1, asked))
          .extracting(Partition::range)
          .containsExactlyElementsOf(
              ranges.stream().filter(range -> range.overlaps(asked)).toList());
    }
    for (Partition partition : ring.partitions()) {
      assertThat(map.partition(partition.id())).contains(partition);
      assertThat(map.ringOf(partition.id())).contains(1);
    }
  }

  @RepeatedTest(20)
  void refusesHolesAndOverlaps(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<TokenRange> ranges = randomTiling(random);
    int at = random.nextInt(ranges.size());
    List<TokenRange> hole = new ArrayList<>(ranges);
    hole.remove(at);
    assertThatThrownBy(() -> ring(hole)).isInstanceOf(IllegalArgumentException.class);
    List<TokenRange> twice = new ArrayList<>(ranges);
    twice.add(ranges.get(at));
    assertThatThrownBy(() -> ring(twice)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesARingThatGoesRoundTwice() {
    assertThatThrownBy(() -> ring(List.of(TokenRange.ALL, TokenRange.ALL)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ring(List.of(TokenRange.ALL, TokenRange.of(0, 5))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Ring.evenRanges(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mapsKnowTheirRingsOnce() {
    Ring ring = ring(List.of(TokenRange.ALL));
    assertThatThrownBy(() -> new PartitionMap(List.of(ring, ring)))
        .isInstanceOf(IllegalArgumentException.class);
    Ring other = new Ring(2, HASH, ring.partitions());
    assertThatThrownBy(() -> new PartitionMap(List.of(ring, other)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(PartitionMap.EMPTY.findRing(1)).isEmpty();
    assertThat(PartitionMap.EMPTY.partition(new PartitionId(1))).isEmpty();
    assertThatThrownBy(() -> PartitionMap.EMPTY.ring(1)).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void rangesCompareUnsigned() {
    TokenRange upper = TokenRange.of(0x7FFF_FFFF_FFFF_FFFFL, -1L);
    assertThat(upper.contains(Long.MIN_VALUE)).isTrue();
    assertThat(upper.contains(0)).isFalse();
    assertThat(TokenRange.ALL.contains(upper)).isTrue();
    assertThat(upper.contains(TokenRange.ALL)).isFalse();
    assertThatThrownBy(() -> TokenRange.of(-1L, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<TokenRange> randomTiling(Random random) {
    TreeSet<Token> starts = new TreeSet<>();
    for (int i = random.nextInt(40); i >= 0; i--) {
      starts.add(new Token(random.nextInt(8) == 0 ? random.nextInt(5) : random.nextLong()));
    }
    starts.add(Token.MIN);
    List<Token> sorted = List.copyOf(starts);
    List<TokenRange> ranges = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      long next = i + 1 < sorted.size() ? sorted.get(i + 1).bits() : 0;
      ranges.add(TokenRange.of(sorted.get(i).bits(), next - 1));
    }
    return ranges;
  }

  private static Ring ring(List<TokenRange> ranges) {
    List<Partition> partitions = new ArrayList<>();
    for (TokenRange range : ranges) {
      partitions.add(
          new Partition(new PartitionId(partitions.size() + 1), Epoch.FIRST, range, NODES));
    }
    return new Ring(1, HASH, partitions);
  }

  private static double unsigned(long token) {
    return token >= 0 ? token : token + 0x1p64;
  }
}
