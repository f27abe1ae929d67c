package io.equator.node.core;

/**
 * A file of rows of one family that is being written, in ascending order of keys; another store
 * takes it in with {@link Store#ingest}. Used by one thread.
 */
public interface RowFile extends AutoCloseable {
  /**
   * Adds a row behind all others.
   *
   * @throws StoreException when the file cannot be written
   */
  void put(byte[] key, byte[] value);

  /**
   * Ends the file, which has at least one row; it is on disk when this returns.
   *
   * @throws StoreException when the file cannot be written
   */
  void finish();

  /** Frees what it holds; a file that is not finished is of no use. */
  @Override
  void close();
}
