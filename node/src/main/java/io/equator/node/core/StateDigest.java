package io.equator.node.core;

import io.equator.model.item.CorruptItemException;
import io.equator.model.item.StoredValue;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Digests of the replicated state of one partition, one for each family of rows: equal on all
 * replicas that have applied the same entries.
 *
 * <pre>
 *   SHA-256 over  key length (4) | key | value length (4) | value  of each row, in the order of the keys
 * </pre>
 *
 * <p>Left out is what each store does in its own time: the applied position, which is told apart,
 * and the rows of dropped tables with their marks ({@link DroppedRows}).
 *
 * <p>Each item and index row is checked against its own checksum on the way.
 */
public final class StateDigest {
  /** Told how many bytes were read, so that reading can be slowed down. */
  @FunctionalInterface
  public interface Pace {
    /** Waits if that was too fast. */
    void passed(int bytes) throws InterruptedException;
  }

  private static final int PACE_BYTES = 1 << 20;

  private final StoreView view;
  private final long partition;
  private final MetaRows.Descriptor descriptor;
  private final Set<Integer> droppedTables = new HashSet<>();
  private final Set<Long> droppedIndexes = new HashSet<>();
  private long rows;
  private long bytes;

  /**
   * What a state consists of.
   *
   * @param families 32 bytes for each {@link Family}, in the order of their numbers
   * @param rows how many there are
   * @param bytes of their keys and values
   */
  public record Result(List<byte[]> families, long rows, long bytes) {}

  /** A row does not match its checksum. */
  public static final class DamagedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DamagedException(Family family, byte[] key, CorruptItemException cause) {
      super(
          "a row of "
              + family.storedName()
              + " is damaged: key "
              + java.util.HexFormat.of().formatHex(key)
              + ": "
              + cause.getMessage(),
          cause);
    }
  }

  /** The digests of a partition in a fixed state of a store. */
  public StateDigest(StoreView view, long partition, MetaRows.Descriptor descriptor) {
    this.view = view;
    this.partition = partition;
    this.descriptor = descriptor;
  }

  /**
   * Reads every row.
   *
   * @throws DamagedException when a row does not match its checksum
   * @throws StoreException when rows cannot be read
   */
  public Result compute(Pace pace) throws InterruptedException {
    findDropped();
    List<byte[]> digests = new ArrayList<>();
    for (Family family : Family.values()) {
      digests.add(digest(family, pace));
    }
    return new Result(digests, rows, bytes);
  }

  private void findDropped() {
    byte[] prefix = {MetaRows.DROPPED};
    try (RowCursor cursor = view.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        MetaRows.Dropped dropped = MetaRows.Dropped.of(cursor.key(), cursor.value());
        if (descriptor.holds(dropped.firstToken()) && descriptor.holds(dropped.lastToken())) {
          for (int index : dropped.indexes()) {
            droppedIndexes.add(indexName(dropped.table(), index));
            if (index == 0) {
              droppedTables.add(dropped.table());
            }
          }
        }
      }
    }
  }

  private static long indexName(int table, int index) {
    return (long) table << 8 | index;
  }

  private byte[] digest(Family family, Pace pace) throws InterruptedException {
    MessageDigest digest = sha256();
    ByteBuffer length = ByteBuffer.allocate(4);
    int unpaced = 0;
    for (RowRange range : PartitionRows.of(view, family, partition, descriptor)) {
      if (isLeftOut(family, range.lower())) {
        continue;
      }
      try (RowCursor cursor = view.cursor(family, range.lower(), range.upper())) {
        for (cursor.first(); cursor.valid(); cursor.next()) {
          byte[] key = cursor.key();
          byte[] value = cursor.value();
          check(family, key, value);
          digest.update(length.putInt(0, key.length).array());
          digest.update(key);
          digest.update(length.putInt(0, value.length).array());
          digest.update(value);
          rows++;
          bytes += key.length + value.length;
          unpaced += key.length + value.length;
          if (unpaced >= PACE_BYTES) {
            pace.passed(unpaced);
            unpaced = 0;
          }
        }
      }
    }
    pace.passed(unpaced);
    return digest.digest();
  }

  /** By the first key of a range: all of its rows are of the same table and index, or kind. */
  private boolean isLeftOut(Family family, byte[] key) {
    return switch (family) {
      case ITEMS, LOCAL_INDEXES, GLOBAL_INDEXES ->
          droppedIndexes.contains(indexName(StoreKeys.table(key), key[4] & 0xff));
      case META ->
          switch (key[0]) {
            case MetaRows.APPLIED, MetaRows.DROPPED -> true;
            case MetaRows.COLLECTION -> droppedTables.contains(ByteBuffer.wrap(key).getInt(1));
            default -> false;
          };
      case TOMBSTONES -> droppedTables.contains(StoreKeys.table(key));
      case LOCKS, CHANGE_LOG, TTL -> false;
    };
  }

  private static void check(Family family, byte[] key, byte[] value) {
    switch (family) {
      case ITEMS, LOCAL_INDEXES, GLOBAL_INDEXES, TOMBSTONES -> {
        try {
          var _ = family == Family.TOMBSTONES ? Tombstones.value(value) : StoredValue.read(value);
        } catch (CorruptItemException e) {
          throw new DamagedException(family, key, e);
        }
      }
      case LOCKS, CHANGE_LOG, TTL, META -> {}
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
