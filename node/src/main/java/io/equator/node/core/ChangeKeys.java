package io.equator.node.core;

import java.nio.ByteBuffer;

/**
 * Keys of {@link Family#CHANGE_LOG}, big-endian: {@code partition (8) | table (4) | log index (8) |
 * position (4)}.
 *
 * <p>The position counts the captured effects of an entry from 0, over all tables. So byte order is
 * the order in which changes were made, for each table of a partition by itself.
 */
public final class ChangeKeys {
  private static final int LENGTH = 24;

  private ChangeKeys() {}

  /** The key of one record. */
  static byte[] record(long partition, int table, long index, int position) {
    return ByteBuffer.allocate(LENGTH)
        .putLong(partition)
        .putInt(table)
        .putLong(index)
        .putInt(position)
        .array();
  }

  /** A bound below every record of a table at or after a log index. */
  static byte[] from(long partition, int table, long index) {
    return record(partition, table, index, 0);
  }

  /** A bound above every record of a table. */
  static byte[] end(long partition, int table) {
    return StoreKeys.successor(ByteBuffer.allocate(12).putLong(partition).putInt(table).array());
  }

  /** The log index of a record's key. */
  public static long indexOf(byte[] key) {
    return ByteBuffer.wrap(key).getLong(12);
  }

  /** The position in its entry of a record's key. */
  public static int positionOf(byte[] key) {
    return ByteBuffer.wrap(key).getInt(20);
  }
}
