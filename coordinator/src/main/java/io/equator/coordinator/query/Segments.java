package io.equator.coordinator.query;

import io.equator.partitioner.TokenRange;
import java.math.BigInteger;

/**
 * Cuts the token space into the segments of a parallel scan: segment {@code i} of {@code n} holds
 * the tokens from ⌊i·2⁶⁴/n⌋ to ⌊(i+1)·2⁶⁴/n⌋ − 1. The segments are disjoint, cover everything and
 * differ by at most one token in length, for every n from 1 to 1,000,000; they do not depend on the
 * partitions, so a scan survives splits.
 */
final class Segments {
  private static final BigInteger TOKENS = BigInteger.ONE.shiftLeft(Long.SIZE);

  private Segments() {}

  /** The tokens of one segment. */
  static TokenRange of(int segment, int total) {
    if (total == 1) {
      return TokenRange.ALL;
    }
    return TokenRange.of(
        start(segment, total).longValue(),
        start(segment + 1, total).subtract(BigInteger.ONE).longValue());
  }

  private static BigInteger start(int segment, int total) {
    return TOKENS.multiply(BigInteger.valueOf(segment)).divide(BigInteger.valueOf(total));
  }
}
