package io.equator.partitioner;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The token space of the tables that share it, cut into partitions.
 *
 * <p><b>Always true:</b> the partitions are in the order of their tokens, disjoint, and cover every
 * token. The constructor refuses anything else, so a hole can never be routed around silently.
 */
public final class Ring {
  private final int id;
  private final TokenHash hash;
  private final List<Partition> partitions;
  private final long[] firstTokens;

  /** A ring of these partitions, in any order. */
  public Ring(int id, TokenHash hash, List<Partition> partitions) {
    List<Partition> sorted = new ArrayList<>(partitions);
    sorted.sort(Comparator.comparing(partition -> partition.range().first()));
    checkTiling(id, sorted);
    this.id = id;
    this.hash = hash;
    this.partitions = List.copyOf(sorted);
    this.firstTokens = new long[sorted.size()];
    for (int i = 0; i < firstTokens.length; i++) {
      firstTokens[i] = sorted.get(i).range().first().bits();
    }
  }

  private static void checkTiling(int id, List<Partition> sorted) {
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("ring " + id + " has no partitions");
    }
    long expected = Token.MIN.bits();
    for (int i = 0; i < sorted.size(); i++) {
      TokenRange range = sorted.get(i).range();
      boolean afterTheEnd = i > 0 && expected == Token.MIN.bits();
      if (afterTheEnd || range.first().bits() != expected) {
        throw new IllegalArgumentException(
            "ring " + id + ": a hole or an overlap before " + sorted.get(i));
      }
      expected = range.last().bits() + 1;
    }
    if (expected != Token.MIN.bits()) {
      throw new IllegalArgumentException(
          "ring " + id + ": no partition from " + new Token(expected) + " on");
    }
  }

  /** Cuts the token space into this many ranges of equal size (to within one token), in order. */
  public static List<TokenRange> evenRanges(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a ring needs at least one partition, not " + count);
    }
    BigInteger space = BigInteger.ONE.shiftLeft(Long.SIZE);
    BigInteger parts = BigInteger.valueOf(count);
    List<TokenRange> ranges = new ArrayList<>(count);
    long first = 0;
    for (int i = 1; i <= count; i++) {
      long next = space.multiply(BigInteger.valueOf(i)).divide(parts).longValue();
      ranges.add(TokenRange.of(first, next - 1));
      first = next;
    }
    return ranges;
  }

  /** The ring's number in its region. */
  public int id() {
    return id;
  }

  /** Where encoded partition keys fall on this ring. */
  public TokenHash hash() {
    return hash;
  }

  /** All partitions in the order of their tokens. */
  public List<Partition> partitions() {
    return partitions;
  }

  /** The partition that owns this token. */
  public Partition partitionOf(long token) {
    return partitions.get(indexOf(token));
  }

  /** The partitions that own a part of the range, in the order of their tokens. */
  public List<Partition> partitionsIn(TokenRange range) {
    return partitions.subList(indexOf(range.first().bits()), indexOf(range.last().bits()) + 1);
  }

  private int indexOf(long token) {
    int low = 0;
    int high = firstTokens.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Long.compareUnsigned(firstTokens[middle], token) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
