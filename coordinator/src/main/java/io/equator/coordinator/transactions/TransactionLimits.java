package io.equator.coordinator.transactions;

/**
 * How long things last, in milliseconds.
 *
 * @param decideWithin a transaction that is not decided this long after it began cancels itself
 * @param staleAfter a row of the ledger that has not changed for this long is taken over by whoever
 *     meets it; more than {@code decideWithin} and the difference of two clocks
 * @param tokenKept how long a completed transaction's token is recognised
 * @param tokenMargin how much longer its row is kept
 * @param readRounds how often the items of a read transaction are read before it gives up
 */
public record TransactionLimits(
    long decideWithin, long staleAfter, long tokenKept, long tokenMargin, int readRounds) {
  /** 4 s, 6 s, 10 min and 1 min, 12 rounds. */
  public static final TransactionLimits DEFAULT =
      new TransactionLimits(4_000, 6_000, 600_000, 60_000, 12);

  /** Checks the bounds. */
  public TransactionLimits {
    if (decideWithin < 1 || staleAfter <= decideWithin || tokenKept < 1 || tokenMargin < 0) {
      throw new IllegalArgumentException("the times of transactions must be positive and ordered");
    }
    if (readRounds < 2) {
      throw new IllegalArgumentException("a read transaction needs two rounds");
    }
  }
}
