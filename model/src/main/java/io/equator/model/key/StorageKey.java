package io.equator.model.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Keys of the store.
 *
 * <pre>
 *   table id (4) · index id (1) · token (8) · partition key · sort key                    an item
 *   table id (4) · index id (1) · token (8) · partition key · index sort key · sort key   a row of
 *                                                                                    a local index
 * </pre>
 *
 * <p>Numbers are big-endian, so byte order is the order of the numbers (tokens as unsigned). Index
 * 0 is the table. The partition's id is not in the key: a split touches no data.
 */
public final class StorageKey {
  /** Bytes of table id and index id. */
  public static final int PREFIX_LENGTH = 5;

  /** Bytes of the token. */
  public static final int TOKEN_LENGTH = 8;

  /** Index id of the table itself. */
  public static final int TABLE = 0;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private StorageKey() {}

  /** The whole key of an item or of an index row. */
  public static byte[] of(int tableId, int indexId, long token, byte[]... parts) {
    byte[] key = new byte[PREFIX_LENGTH + TOKEN_LENGTH + length(parts)];
    prefix(key, tableId, indexId);
    rest(key, PREFIX_LENGTH, token, parts);
    return key;
  }

  /** What comes after the (table, index) prefix: token and encoded parts. */
  public static byte[] rest(long token, byte[]... parts) {
    byte[] rest = new byte[TOKEN_LENGTH + length(parts)];
    rest(rest, 0, token, parts);
    return rest;
  }

  /** Puts the prefix before what {@link #rest} made. */
  public static byte[] withPrefix(int tableId, int indexId, byte[] rest) {
    byte[] key = new byte[PREFIX_LENGTH + rest.length];
    prefix(key, tableId, indexId);
    System.arraycopy(rest, 0, key, PREFIX_LENGTH, rest.length);
    return key;
  }

  /** Where all of a table's items, or all of an index's rows, begin. */
  public static byte[] prefix(int tableId, int indexId) {
    byte[] key = new byte[PREFIX_LENGTH];
    prefix(key, tableId, indexId);
    return key;
  }

  private static void prefix(byte[] key, int tableId, int indexId) {
    if (indexId < 0 || indexId > 0xFF) {
      throw new IllegalArgumentException("an index id has 8 bits, was " + indexId);
    }
    INT.set(key, 0, tableId);
    key[4] = (byte) indexId;
  }

  private static int length(byte[][] parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    return length;
  }

  private static void rest(byte[] key, int start, long token, byte[][] parts) {
    LONG.set(key, start, token);
    int at = start + TOKEN_LENGTH;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, key, at, part.length);
      at += part.length;
    }
  }

  /** The table id of a whole key. */
  public static int tableId(byte[] key) {
    return (int) INT.get(key, 0);
  }

  /** The index id of a whole key. */
  public static int indexId(byte[] key) {
    return key[4] & 0xFF;
  }

  /** The token of a whole key. */
  public static long token(byte[] key) {
    return (long) LONG.get(key, PREFIX_LENGTH);
  }
}
