package io.equator.node.core;

/** Changes that are made together or not at all. Used by one thread. */
public interface RowBatch extends AutoCloseable {
  /** Inserts or replaces a row. */
  void put(Family family, byte[] key, byte[] value);

  /** Deletes a row, present or not. */
  void delete(Family family, byte[] key);

  /** Forgets every change, to be filled anew. */
  void clear();

  @Override
  void close();
}
