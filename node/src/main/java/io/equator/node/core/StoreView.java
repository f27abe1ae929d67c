package io.equator.node.core;

import org.jspecify.annotations.Nullable;

/** Reads of the applied state of a node's store. Safe for use by many threads. */
public interface StoreView {
  /**
   * The value of {@code key}, or null.
   *
   * @throws StoreException when the store cannot be read
   */
  byte @Nullable [] get(Family family, byte[] key);

  /**
   * Rows of {@code family} from {@code lowerInclusive} to {@code upperExclusive}, from the state of
   * this view at this moment. Not positioned yet; the caller closes it. The arrays must not change
   * while the cursor is open.
   *
   * @throws StoreException when the store cannot be read
   */
  RowCursor cursor(Family family, byte[] lowerInclusive, byte[] upperExclusive);
}
