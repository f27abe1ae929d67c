package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.proto.ItemKey;
import java.nio.ByteBuffer;

/**
 * Keys of {@link Family#ITEMS} and {@link Family#LOCAL_INDEXES}: {@code table (4) | index (1) |
 * token (8) | partition key | (index sort key |) sort key}, big-endian, the keys as {@code
 * io.equator.model.key.KeyCodec} encodes them.
 *
 * <p>What follows {@code table | index} is the <i>suffix</i>: it is what the log and page positions
 * carry.
 */
public final class StoreKeys {
  /** Length of {@code table | index}. */
  public static final int PREFIX = 5;

  /** Length of a token. */
  public static final int TOKEN = 8;

  private StoreKeys() {}

  /** The key of a table item. */
  public static byte[] item(int table, ItemKey key) {
    ByteString partition = key.getPartitionKey();
    ByteString sort = key.getSortKey();
    byte[] row = new byte[PREFIX + TOKEN + partition.size() + sort.size()];
    prefix(row, table, 0);
    putLong(row, PREFIX, key.getToken());
    partition.copyTo(row, PREFIX + TOKEN);
    sort.copyTo(row, PREFIX + TOKEN + partition.size());
    return row;
  }

  /** The token in a whole key. */
  static long token(byte[] row) {
    return ByteBuffer.wrap(row).getLong(PREFIX);
  }

  /** The table of a whole key. */
  static int table(byte[] row) {
    return ByteBuffer.wrap(row).getInt();
  }

  /** {@code token | partition key | sort key}. */
  public static byte[] suffix(ItemKey key) {
    ByteString partition = key.getPartitionKey();
    ByteString sort = key.getSortKey();
    byte[] suffix = new byte[TOKEN + partition.size() + sort.size()];
    putLong(suffix, 0, key.getToken());
    partition.copyTo(suffix, TOKEN);
    sort.copyTo(suffix, TOKEN + partition.size());
    return suffix;
  }

  /** The suffix of a local index row. */
  public static byte[] indexSuffix(ItemKey key, byte[] indexSortKey) {
    ByteString partition = key.getPartitionKey();
    ByteString sort = key.getSortKey();
    byte[] suffix = new byte[TOKEN + partition.size() + indexSortKey.length + sort.size()];
    putLong(suffix, 0, key.getToken());
    partition.copyTo(suffix, TOKEN);
    System.arraycopy(indexSortKey, 0, suffix, TOKEN + partition.size(), indexSortKey.length);
    sort.copyTo(suffix, TOKEN + partition.size() + indexSortKey.length);
    return suffix;
  }

  /** A whole key from its table, index and suffix. */
  public static byte[] row(int table, int index, ByteString suffix) {
    byte[] row = new byte[PREFIX + suffix.size()];
    prefix(row, table, index);
    suffix.copyTo(row, PREFIX);
    return row;
  }

  /** A whole key from its table, index and suffix. */
  public static byte[] row(int table, int index, byte[] suffix) {
    byte[] row = new byte[PREFIX + suffix.length];
    prefix(row, table, index);
    System.arraycopy(suffix, 0, row, PREFIX, suffix.length);
    return row;
  }

  /** The first possible key of a token. */
  public static byte[] firstOfToken(int table, int index, long token) {
    byte[] row = new byte[PREFIX + TOKEN];
    prefix(row, table, index);
    putLong(row, PREFIX, token);
    return row;
  }

  /** A bound above every key of a token and below those of the next. */
  public static byte[] afterToken(int table, int index, long token) {
    return token == -1L ? afterIndex(table, index) : firstOfToken(table, index, token + 1);
  }

  private static byte[] afterIndex(int table, int index) {
    byte[] row = new byte[PREFIX];
    prefix(row, table, index);
    return successor(row);
  }

  /** The first key after all keys that begin with {@code prefix}, which must not be all 0xff. */
  public static byte[] successor(byte[] prefix) {
    int length = prefix.length;
    while (length > 0 && prefix[length - 1] == (byte) 0xff) {
      length--;
    }
    if (length == 0) {
      throw new StoreException("a prefix of nothing but 0xff has no successor");
    }
    byte[] next = java.util.Arrays.copyOf(prefix, length);
    next[length - 1]++;
    return next;
  }

  private static void prefix(byte[] row, int table, int index) {
    row[0] = (byte) (table >>> 24);
    row[1] = (byte) (table >>> 16);
    row[2] = (byte) (table >>> 8);
    row[3] = (byte) table;
    row[4] = (byte) index;
  }

  private static void putLong(byte[] row, int at, long value) {
    for (int i = 0; i < 8; i++) {
      row[at + i] = (byte) (value >>> (56 - 8 * i));
    }
  }
}
