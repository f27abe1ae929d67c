package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.equator.proto.CountWalk;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.SealedPartition;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@link Family#META} that splits leave, big-endian.
 *
 * <table>
 * <caption>Rows</caption>
 * <tr><th>key</th><th>value</th><th>what</th></tr>
 * <tr><td>{@code 40 | partition (8)}</td><td>{@code 1 | SealedPartition}</td>
 *     <td>the partition is sealed: its tokens, and the rows under them, belong to its heirs. Never goes
 *     as long as anything of the partition is there</td></tr>
 * <tr><td>{@code 41 | partition (8)}</td><td>{@code 1 | PartitionOrigin}</td>
 *     <td>the partition was made by a split</td></tr>
 * <tr><td>{@code 42 | heir (8)}</td><td>{@code 1 | parent (8) | index (8)}</td>
 *     <td>the parent's rows, as they were when it was sealed at this index, are in <i>this</i> store and the
 *     heir has not taken them over yet. Not part of any partition's replicated state</td></tr>
 * <tr><td>{@code 43 | partition (8)}</td><td>{@code 1 | CountWalk}</td>
 *     <td>how far the partition's rows have been counted; see {@link RowCount}</td></tr>
 * <tr><td>{@code 44 | partition (8) | table (4) | index (1)}</td><td>{@code 1 | items (8) | bytes (8)}</td>
 *     <td>what was counted so far</td></tr>
 * </table>
 */
public final class SplitRows {
  static final byte SEALED = 40;
  static final byte ORIGIN = 41;
  static final byte HANDOVER = 42;
  static final byte COUNT_WALK = 43;
  static final byte COUNTED = 44;

  private SplitRows() {}

  /**
   * The mark that a parent's rows wait for an heir.
   *
   * @param index where the parent was sealed
   */
  record Handover(long parent, long index) {
    static Handover of(byte[] row) {
      ByteBuffer value = MetaRows.read(row, "handover");
      return new Handover(value.getLong(), value.getLong());
    }

    byte[] row() {
      return MetaRows.value(17).putLong(parent).putLong(index).array();
    }
  }

  static byte[] key(byte kind, long partition) {
    return ByteBuffer.allocate(9).put(kind).putLong(partition).array();
  }

  static byte[] countedKey(long partition, int table, int index) {
    return ByteBuffer.allocate(14)
        .put(COUNTED)
        .putLong(partition)
        .putInt(table)
        .put((byte) index)
        .array();
  }

  /** How a partition was sealed; null when it was not. */
  public static @Nullable SealedPartition sealed(StoreView store, long partition) {
    byte[] row = store.get(Family.META, key(SEALED, partition));
    return row == null ? null : sealed(row);
  }

  /** Where a partition comes from; null when it was made with its ring. */
  public static @Nullable PartitionOrigin origin(StoreView store, long partition) {
    byte[] row = store.get(Family.META, key(ORIGIN, partition));
    return row == null ? null : origin(row);
  }

  /** Whether the parent's rows wait in this store for an heir. */
  public static boolean handover(StoreView store, long heir) {
    return store.get(Family.META, key(HANDOVER, heir)) != null;
  }

  /** Whether some heir has not taken over the rows of a sealed parent that are in this store. */
  public static boolean isWaitedFor(StoreView store, long parent) {
    byte[] prefix = {HANDOVER};
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        if (Handover.of(cursor.value()).parent() == parent) {
          return true;
        }
      }
    }
    return false;
  }

  static SealedPartition sealed(byte[] row) {
    MetaRows.read(row, "sealed partition");
    try {
      return SealedPartition.parseFrom(message(row));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the row of a sealed partition cannot be read", e);
    }
  }

  static PartitionOrigin origin(byte[] row) {
    MetaRows.read(row, "partition's origin");
    try {
      return PartitionOrigin.parseFrom(message(row));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the row of a partition's origin cannot be read", e);
    }
  }

  static CountWalk countWalk(byte[] row) {
    MetaRows.read(row, "count of rows");
    try {
      return CountWalk.parseFrom(message(row));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the row of a count cannot be read", e);
    }
  }

  private static ByteString message(byte[] row) {
    return ByteString.copyFrom(row, 1, row.length - 1);
  }

  static byte[] row(MessageLite message) {
    byte[] bytes = message.toByteArray();
    return MetaRows.value(1 + bytes.length).put(bytes).array();
  }
}
