package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.equator.proto.FinishedTransaction;
import io.equator.proto.LockRow;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The rows that transactions leave in a store, big-endian.
 *
 * <table>
 * <caption>Rows</caption>
 * <tr><th>family, key</th><th>value</th><th>what</th></tr>
 * <tr><td>LOCKS {@code table (4) | 0 (1) | token (8) | partition key | sort key}</td>
 *     <td>{@code 1 | LockRow}</td><td>a locked item, under the item's own key</td></tr>
 * <tr><td>META {@code 13 | partition (8) | bucket (1)}</td><td>{@code 1 | timestamp (8)}</td>
 *     <td>the greatest timestamp of a deletion among the keys of a bucket</td></tr>
 * <tr><td>META {@code 14 | partition (8) | kept (1) | millis (8) | transaction (16)}</td>
 *     <td>{@code 1 | FinishedTransaction}</td><td>how a transaction ended; see {@link
 *     TransactionState} for how long it is kept</td></tr>
 * </table>
 */
final class TransactionRows {
  /** Kinds of META rows. */
  static final byte DELETIONS = 13;

  static final byte FINISHED = 14;

  /** Buckets of keys, for the timestamps of deletions. */
  static final int BUCKETS = 256;

  private static final byte VERSION = 1;

  private TransactionRows() {}

  /** A finished row's key, taken apart. */
  record FinishedKey(boolean keptLong, long millis, TransactionId id) {
    static FinishedKey of(byte[] key) {
      ByteBuffer in = ByteBuffer.wrap(key, 9, key.length - 9);
      return new FinishedKey(
          in.get() != 0, in.getLong(), new TransactionId(in.getLong(), in.getLong()));
    }

    byte[] in(long partition) {
      return ByteBuffer.allocate(34)
          .put(FINISHED)
          .putLong(partition)
          .put((byte) (keptLong ? 1 : 0))
          .putLong(millis)
          .putLong(id.high())
          .putLong(id.low())
          .array();
    }
  }

  /** The bucket of an item's row; the same for ever. */
  static int bucket(byte[] row) {
    int hash = Arrays.hashCode(row);
    return (hash ^ hash >>> 8 ^ hash >>> 16 ^ hash >>> 24) & (BUCKETS - 1);
  }

  static byte[] deletionsKey(long partition, int bucket) {
    return ByteBuffer.allocate(10).put(DELETIONS).putLong(partition).put((byte) bucket).array();
  }

  static byte[] prefix(byte kind, long partition) {
    return ByteBuffer.allocate(9).put(kind).putLong(partition).array();
  }

  static int bucketOf(byte[] deletionsKey) {
    return deletionsKey[9] & 0xff;
  }

  static byte[] deletions(long timestamp) {
    return ByteBuffer.allocate(9).put(VERSION).putLong(timestamp).array();
  }

  static long deletions(byte[] row) {
    check(row, "timestamp of deletions");
    return ByteBuffer.wrap(row).getLong(1);
  }

  static byte[] lock(LockRow lock) {
    return row(lock);
  }

  static LockRow lock(byte[] row) {
    check(row, "lock");
    try {
      return LockRow.parseFrom(ByteString.copyFrom(row, 1, row.length - 1));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a lock cannot be read", e);
    }
  }

  static byte[] finished(FinishedTransaction finished) {
    return row(finished);
  }

  static FinishedTransaction finished(byte[] row) {
    check(row, "finished transaction");
    try {
      return FinishedTransaction.parseFrom(ByteString.copyFrom(row, 1, row.length - 1));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a finished transaction cannot be read", e);
    }
  }

  private static byte[] row(MessageLite message) {
    byte[] bytes = message.toByteArray();
    byte[] row = new byte[1 + bytes.length];
    row[0] = VERSION;
    System.arraycopy(bytes, 0, row, 1, bytes.length);
    return row;
  }

  private static void check(byte[] row, String what) {
    if (row.length == 0 || row[0] != VERSION) {
      throw new StoreException("the row of a " + what + " has an unknown format");
    }
  }
}
