package io.equator.server.load;

import java.util.random.RandomGenerator;

/**
 * The mixes of operations, named as in YCSB (Cooper et al., SoCC 2010) where YCSB has them.
 *
 * <p>YCSB's D (read what was inserted last) is left out: on a hashed key space it measures what C
 * does.
 */
public enum Workload {
  /** Half reads, half updates. */
  A(new Share(Operation.READ, 50), new Share(Operation.UPDATE, 50)),
  /** Mostly reads. */
  B(new Share(Operation.READ, 95), new Share(Operation.UPDATE, 5)),
  /** Reads only. */
  C(new Share(Operation.READ, 100)),
  /** Short ranges, a few inserts. */
  E(new Share(Operation.RANGE, 95), new Share(Operation.INSERT, 5)),
  /** Half reads, half read-modify-writes. */
  F(new Share(Operation.READ, 50), new Share(Operation.READ_MODIFY_WRITE, 50)),
  /** PutItem over existing items only. */
  PUT(new Share(Operation.PUT, 100)),
  /** UpdateItem only. */
  UPDATE(new Share(Operation.UPDATE, 100)),
  /** Query only. */
  QUERY(new Share(Operation.RANGE, 100)),
  /** BatchWriteItem only. */
  BATCHWRITE(new Share(Operation.BATCH_WRITE, 100)),
  /** BatchGetItem only. */
  BATCHGET(new Share(Operation.BATCH_GET, 100)),
  /** TransactWriteItems only. */
  TRANSACT(new Share(Operation.TRANSACT_WRITE, 100));

  private record Share(Operation operation, int percent) {}

  @SuppressWarnings("ImmutableEnumChecker") // Nobody changes it.
  private final Share[] shares;

  Workload(Share... shares) {
    this.shares = shares;
  }

  /** Draws the next operation. */
  Operation next(RandomGenerator random) {
    if (shares.length == 1) {
      return shares[0].operation;
    }
    int point = random.nextInt(100);
    for (Share share : shares) {
      point -= share.percent;
      if (point < 0) {
        return share.operation;
      }
    }
    throw new IllegalStateException("the shares of " + this + " do not add up to 100");
  }

  /** Whether items live in collections with a sort key, so that ranges can be queried. */
  boolean needsSortKey() {
    for (Share share : shares) {
      if (share.operation == Operation.RANGE) {
        return true;
      }
    }
    return false;
  }
}
