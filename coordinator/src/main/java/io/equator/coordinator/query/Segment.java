package io.equator.coordinator.query;

import io.equator.partitioner.TokenRange;
import java.math.BigInteger;

/**
 * One part of a parallel scan: segment {@code number} of {@code total} holds the tokens from
 * ⌊number·2⁶⁴/total⌋ to ⌊(number+1)·2⁶⁴/total⌋ − 1. The segments are disjoint, cover everything and
 * differ by at most one token in length; they do not depend on the partitions, so a scan survives
 * splits.
 *
 * @param number from 0
 * @param total from 1 to 1,000,000
 */
record Segment(int number, int total) {
  /** The only segment of a scan that is not parallel. */
  static final Segment WHOLE = new Segment(0, 1);

  private static final BigInteger TOKENS = BigInteger.ONE.shiftLeft(Long.SIZE);

  /** The tokens of this segment. */
  TokenRange tokens() {
    if (total == 1) {
      return TokenRange.ALL;
    }
    return TokenRange.of(
        start(number).longValue(), start(number + 1).subtract(BigInteger.ONE).longValue());
  }

  private BigInteger start(int segment) {
    return TOKENS.multiply(BigInteger.valueOf(segment)).divide(BigInteger.valueOf(total));
  }
}
