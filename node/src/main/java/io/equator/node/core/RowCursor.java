package io.equator.node.core;

/**
 * A position among the rows of one range, from one state of the store.
 *
 * <p>Used by one thread. After each move {@link #valid()} says whether it stands on a row.
 */
public interface RowCursor extends AutoCloseable {
  /** Moves to the first row of the range. */
  void first();

  /** Moves to the last row of the range. */
  void last();

  /** Moves to the first row at or after {@code key}. */
  void atOrAfter(byte[] key);

  /** Moves to the last row at or before {@code key}. */
  void atOrBefore(byte[] key);

  /** Moves one row towards the end. */
  void next();

  /** Moves one row towards the beginning. */
  void previous();

  /**
   * True while it stands on a row; false past either end.
   *
   * @throws StoreException when the end was not reached but a row could not be read
   */
  boolean valid();

  /** The whole key of the row; the caller's own copy. */
  byte[] key();

  /** The value of the row; the caller's own copy. */
  byte[] value();

  @Override
  void close();
}
