package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.RememberedRequests;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of {@link Family#META}, big-endian throughout.
 *
 * <table>
 * <caption>Keys; the first byte says which kind</caption>
 * <tr><th>key</th><th>value</th><th>what</th></tr>
 * <tr><td>{@code 1 | partition (8)}</td><td>{@code 1 | term (8) | index (8) | decided term (8) | sequence (8)}</td>
 *     <td>the position applied, and the last entry that passed the guards</td></tr>
 * <tr><td>{@code 2 | partition (8) | table (4) | index (1)}</td><td>{@code 1 | items (8) | bytes (8)}</td>
 *     <td>the counters of a table (index 0) or of a local index in this partition</td></tr>
 * <tr><td>{@code 3 | table (4) | token (8) | partition key}</td><td>{@code 1 | bytes (8)}</td>
 *     <td>size of an item collection, for tables with local indexes only</td></tr>
 * <tr><td>{@code 4 | partition (8) | leader millis (8) | index (8)}</td><td>{@code 1 | RememberedRequests}</td>
 *     <td>the requests of one entry, to recognise retries</td></tr>
 * <tr><td>{@code 5 | partition (8)}</td><td>{@code 1 | epoch (8) | ring (4) | first token (8) | last token (8) | node}</td>
 *     <td>which partition this is; never changes</td></tr>
 * <tr><td>{@code 6 | table (4) | first token (8) | last token (8)}</td><td>{@code 1 | index (1) …}</td>
 *     <td>rows of a dropped table that may still be there, index 0 for its items</td></tr>
 * <tr><td>{@code 7 | partition (8) | table (4)}</td><td>{@code 1 | schema version (8)}</td>
 *     <td>the oldest schema with which a write may still have been decided; see {@link SchemaFloors}</td></tr>
 * <tr><td>{@code 8 | partition (8) | table (4)}</td><td>{@code 1 | floor (8) | last (8) | records (8) | bytes (8) | millis (8)}</td>
 *     <td>what the change log keeps of a table; see {@link ChangeLog}</td></tr>
 * <tr><td>{@code 9 | partition (8) | table (4)}</td><td>{@code 1 | ShardRotations}</td>
 *     <td>where shards of streams end in the change log; see {@link ShardBounds}</td></tr>
 * <tr><td>{@code 10 | partition (8) | table (4) | index (1) | source (8)}</td><td>{@code 1 | log index (8) | position (4)}</td>
 *     <td>up to where a source partition's changes are in a global index here; see {@link IndexCursors}</td></tr>
 * <tr><td>{@code 11 | partition (8) | table (4) | index (1)}</td><td>{@code 1 | start (8) | IndexBuildStep}</td>
 *     <td>how far a global index has been built from here; see {@link IndexBuilds}</td></tr>
 * <tr><td>{@code 19 | partition (8)}</td><td>{@code 1 | term (8) | index (8) | decided term (8) | sequence (8) | name}</td>
 *     <td>the partition's state is being replaced by that of another replica, and must not be read; see
 *     {@link StateReplacement}</td></tr>
 * <tr><td>{@code 20 | partition (8) | table (4)}</td><td>{@code 1 | ExpiryWalk}</td>
 *     <td>how far the items of before have been looked at for their expiries; see {@link Expiries}</td></tr>
 * <tr><td>{@code 30 | partition (8) | table (4)}</td><td>{@code 1 | timestamp (8) | log index (8)}</td>
 *     <td>up to when this region's changes are all in the log; see {@link ClosedTimestamps}</td></tr>
 * <tr><td>{@code 31 | partition (8) | table (4)}</td><td>{@code 1 | timestamp (8)}</td>
 *     <td>up to when tombstones may be gone; see {@link Tombstones}</td></tr>
 * </table>
 *
 * <p>The byte before each value is the version of its format. Sizes of collections are not kept by
 * partition, so a split touches none of them.
 */
public final class MetaRows {
  /** The version of every value's format. */
  static final byte VERSION = 1;

  static final byte APPLIED = 1;
  static final byte COUNTERS = 2;
  static final byte COLLECTION = 3;
  static final byte REMEMBERED = 4;
  static final byte DESCRIPTOR = 5;
  static final byte DROPPED = 6;
  static final byte SCHEMA_FLOOR = 7;
  static final byte CHANGES_KEPT = 8;
  static final byte SHARD_BOUNDS = 9;
  static final byte INDEX_CURSOR = 10;
  static final byte INDEX_BUILD = 11;
  static final byte REPLACING = 19;
  static final byte EXPIRY_WALK = 20;
  static final byte CLOSED = 30;
  static final byte TOMBSTONES_DROPPED = 31;

  private MetaRows() {}

  /** Where a partition stands in its log. */
  public record Applied(long term, long index, long decidedTerm, long sequence) {
    /** Before the first entry. */
    public static final Applied NOTHING = new Applied(0, -1, 0, 0);
  }

  /** Items and bytes of a table or index in a partition. */
  public record Counters(long items, long bytes) {
    /** An empty table. */
    public static final Counters ZERO = new Counters(0, 0);
  }

  /** What a partition is; both tokens inclusive, unsigned. */
  public record Descriptor(long epoch, int ringId, long firstToken, long lastToken) {
    /** True when a key with this token belongs to the partition. */
    public boolean holds(long token) {
      return Long.compareUnsigned(firstToken, token) <= 0
          && Long.compareUnsigned(token, lastToken) <= 0;
    }
  }

  /**
   * Writes down which partition lives in the store, or checks that it is the one written down.
   *
   * @param parent the partition that it is split off, 0 for none: a new one waits to be activated
   * @return the partition as the store has it
   * @throws StoreException when the store has another one of this id
   */
  public static Descriptor settle(
      Store store, long partition, Descriptor named, long parent, String node) {
    byte[] key = descriptorKey(partition);
    byte[] row = store.get(Family.META, key);
    if (row == null) {
      try (RowBatch batch = store.newBatch()) {
        batch.put(Family.META, key, descriptor(named, node));
        if (parent != 0) {
          batch.put(
              Family.META,
              SplitRows.key(SplitRows.ORIGIN, partition),
              SplitRows.row(
                  PartitionOrigin.newBuilder()
                      .setParentPartitionId(parent)
                      .setWaits(true)
                      .build()));
        }
        store.commit(batch);
      }
      return named;
    }
    Descriptor stored = descriptor(row);
    if (!stored.equals(named)) {
      throw new StoreException(
          "partition "
              + partition
              + " is "
              + stored
              + " in the store but "
              + named
              + " in the catalog");
    }
    return stored;
  }

  /** Puts a partition that is not in the store among its partitions. */
  static void settle(RowBatch batch, long partition, Descriptor named, String node) {
    batch.put(Family.META, descriptorKey(partition), descriptor(named, node));
  }

  /** The same of a partition that was made with its ring. */
  public static Descriptor settle(Store store, long partition, Descriptor named, String node) {
    return settle(store, partition, named, 0, node);
  }

  /** The partitions in a store, by id. */
  public static List<Long> partitions(StoreView store) {
    List<Long> partitions = new ArrayList<>();
    byte[] prefix = {DESCRIPTOR};
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        partitions.add(ByteBuffer.wrap(cursor.key()).getLong(1));
      }
    }
    return partitions;
  }

  /** Whether a store has a partition, or what is left of one. */
  public static boolean isThere(StoreView store, long partition) {
    return store.get(Family.META, descriptorKey(partition)) != null;
  }

  /** What a partition in the store is. */
  public static Descriptor descriptor(StoreView store, long partition) {
    return descriptor(descriptorRow(store, partition));
  }

  /** Which node wrote a partition's descriptor. */
  public static String node(StoreView store, long partition) {
    return nodeOfDescriptor(descriptorRow(store, partition));
  }

  private static byte[] descriptorRow(StoreView store, long partition) {
    byte[] row = store.get(Family.META, descriptorKey(partition));
    if (row == null) {
      throw new StoreException("there is no partition " + partition + " in the store");
    }
    return row;
  }

  /** How far a partition is applied in the store. */
  public static Applied applied(StoreView store, long partition) {
    byte[] row = store.get(Family.META, appliedKey(partition));
    return row == null ? Applied.NOTHING : applied(row);
  }

  /** Takes the counters of one table or index. */
  public interface CountersVisitor {
    /** Index 0 is the table. */
    void visit(int table, int index, Counters counters);
  }

  /** Shows every counters row of a partition, in order. */
  public static void counters(StoreView store, long partition, CountersVisitor visitor) {
    byte[] prefix = countersPrefix(partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        byte[] key = cursor.key();
        visitor.visit(tableOfCountersKey(key), indexOfCountersKey(key), counters(cursor.value()));
      }
    }
  }

  static byte[] appliedKey(long partition) {
    return key(APPLIED, partition, 9).array();
  }

  static byte[] applied(Applied applied) {
    return value(33)
        .putLong(applied.term())
        .putLong(applied.index())
        .putLong(applied.decidedTerm())
        .putLong(applied.sequence())
        .array();
  }

  static Applied applied(byte[] row) {
    ByteBuffer value = read(row, "applied position");
    return new Applied(value.getLong(), value.getLong(), value.getLong(), value.getLong());
  }

  static byte[] replacingKey(long partition) {
    return key(REPLACING, partition, 9).array();
  }

  /**
   * The mark of a partition whose state is being replaced.
   *
   * @param position of the state that replaces it
   * @param name of the files that hold it; empty when they have to be fetched anew
   */
  public record Replacing(Applied position, String name) {
    static Replacing of(byte[] row) {
      ByteBuffer value = read(row, "replacement of a partition");
      Applied position =
          new Applied(value.getLong(), value.getLong(), value.getLong(), value.getLong());
      return new Replacing(position, new String(row, 33, row.length - 33, StandardCharsets.UTF_8));
    }

    byte[] row() {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      return value(33 + text.length)
          .putLong(position.term())
          .putLong(position.index())
          .putLong(position.decidedTerm())
          .putLong(position.sequence())
          .put(text)
          .array();
    }
  }

  static byte[] countersKey(long partition, int table, int index) {
    return key(COUNTERS, partition, 14).putInt(table).put((byte) index).array();
  }

  /** The beginning of every counters row of a partition. */
  static byte[] countersPrefix(long partition) {
    return key(COUNTERS, partition, 9).array();
  }

  static int tableOfCountersKey(byte[] key) {
    return ByteBuffer.wrap(key).getInt(9);
  }

  static int indexOfCountersKey(byte[] key) {
    return key[13] & 0xff;
  }

  static byte[] counters(Counters counters) {
    return value(17).putLong(counters.items()).putLong(counters.bytes()).array();
  }

  static Counters counters(byte[] row) {
    ByteBuffer value = read(row, "counters");
    return new Counters(value.getLong(), value.getLong());
  }

  /** {@code tokenAndPartitionKey} is the part of an item's suffix that its collection shares. */
  static byte[] collectionKey(int table, ByteString tokenAndPartitionKey) {
    byte[] key = new byte[5 + tokenAndPartitionKey.size()];
    ByteBuffer.wrap(key).put(COLLECTION).putInt(table);
    tokenAndPartitionKey.copyTo(key, 5);
    return key;
  }

  /** The same as a key of a map. */
  static ByteString collectionName(int table, ByteString tokenAndPartitionKey) {
    return ByteString.copyFrom(collectionKey(table, tokenAndPartitionKey));
  }

  static byte[] firstCollectionKey(int table, long token) {
    return ByteBuffer.allocate(13).put(COLLECTION).putInt(table).putLong(token).array();
  }

  static byte[] afterCollectionKey(int table, long token) {
    return token == -1L
        ? StoreKeys.successor(ByteBuffer.allocate(5).put(COLLECTION).putInt(table).array())
        : firstCollectionKey(table, token + 1);
  }

  static byte[] droppedKey(int table, long firstToken, long lastToken) {
    return ByteBuffer.allocate(21)
        .put(DROPPED)
        .putInt(table)
        .putLong(firstToken)
        .putLong(lastToken)
        .array();
  }

  static byte[] dropped(byte[] indexes) {
    return value(1 + indexes.length).put(indexes).array();
  }

  /** A table's rows in a range of tokens (inclusive, unsigned) that may still be in the store. */
  record Dropped(int table, long firstToken, long lastToken, List<Integer> indexes) {
    static Dropped of(byte[] key, byte[] row) {
      ByteBuffer at = ByteBuffer.wrap(key, 1, 20);
      int table = at.getInt();
      long first = at.getLong();
      long last = at.getLong();
      ByteBuffer value = read(row, "dropped table");
      List<Integer> indexes = new ArrayList<>();
      while (value.hasRemaining()) {
        indexes.add(value.get() & 0xff);
      }
      return new Dropped(table, first, last, indexes);
    }

    byte[] key() {
      return droppedKey(table, firstToken, lastToken);
    }
  }

  static byte[] collection(long bytes) {
    return value(9).putLong(bytes).array();
  }

  static long collection(byte[] row) {
    return read(row, "size of an item collection").getLong();
  }

  static byte[] rememberedKey(long partition, long leaderMillis, long index) {
    return key(REMEMBERED, partition, 25).putLong(leaderMillis).putLong(index).array();
  }

  /** The beginning of every row of remembered requests of a partition. */
  static byte[] rememberedPrefix(long partition) {
    return key(REMEMBERED, partition, 9).array();
  }

  static long millisOfRememberedKey(byte[] key) {
    return ByteBuffer.wrap(key).getLong(9);
  }

  static long indexOfRememberedKey(byte[] key) {
    return ByteBuffer.wrap(key).getLong(17);
  }

  static byte[] remembered(RememberedRequests requests) {
    byte[] row = new byte[1 + requests.getSerializedSize()];
    row[0] = VERSION;
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(row, 1, row.length - 1);
      requests.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("an array has no input or output errors", e);
    }
    return row;
  }

  static RememberedRequests remembered(byte[] row) {
    read(row, "set of remembered requests");
    try {
      return RememberedRequests.parseFrom(ByteString.copyFrom(row, 1, row.length - 1));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a row of remembered requests cannot be read", e);
    }
  }

  static byte[] schemaFloorKey(long partition, int table) {
    return key(SCHEMA_FLOOR, partition, 13).putInt(table).array();
  }

  static byte[] schemaFloorPrefix(long partition) {
    return key(SCHEMA_FLOOR, partition, 9).array();
  }

  static byte[] schemaFloor(long version) {
    return value(9).putLong(version).array();
  }

  static long schemaFloor(byte[] row) {
    return read(row, "schema floor").getLong();
  }

  static byte[] changesKeptKey(long partition, int table) {
    return key(CHANGES_KEPT, partition, 13).putInt(table).array();
  }

  static byte[] shardBoundsKey(long partition, int table) {
    return key(SHARD_BOUNDS, partition, 13).putInt(table).array();
  }

  static byte[] changesKeptPrefix(long partition) {
    return key(CHANGES_KEPT, partition, 9).array();
  }

  /** The table of a schema floor's or change log's key. */
  static int tableOfChangeKey(byte[] key) {
    return ByteBuffer.wrap(key).getInt(9);
  }

  static byte[] indexCursorKey(long partition, int table, int index, long source) {
    return key(INDEX_CURSOR, partition, 22).putInt(table).put((byte) index).putLong(source).array();
  }

  static byte[] indexBuildKey(long partition, int table, int index) {
    return key(INDEX_BUILD, partition, 14).putInt(table).put((byte) index).array();
  }

  static byte[] closedKey(long partition, int table) {
    return key(CLOSED, partition, 13).putInt(table).array();
  }

  static byte[] tombstonesDroppedKey(long partition, int table) {
    return key(TOMBSTONES_DROPPED, partition, 13).putInt(table).array();
  }

  static byte[] expiryWalkKey(long partition, int table) {
    return key(EXPIRY_WALK, partition, 13).putInt(table).array();
  }

  /** The beginning of every row of this kind of a partition. */
  static byte[] prefix(byte kind, long partition) {
    return key(kind, partition, 9).array();
  }

  static byte[] descriptorKey(long partition) {
    return key(DESCRIPTOR, partition, 9).array();
  }

  static byte[] descriptor(Descriptor descriptor, String node) {
    byte[] name = node.getBytes(StandardCharsets.UTF_8);
    return value(29 + name.length)
        .putLong(descriptor.epoch())
        .putInt(descriptor.ringId())
        .putLong(descriptor.firstToken())
        .putLong(descriptor.lastToken())
        .put(name)
        .array();
  }

  static Descriptor descriptor(byte[] row) {
    ByteBuffer value = read(row, "partition");
    return new Descriptor(value.getLong(), value.getInt(), value.getLong(), value.getLong());
  }

  static String nodeOfDescriptor(byte[] row) {
    return new String(row, 29, row.length - 29, StandardCharsets.UTF_8);
  }

  private static ByteBuffer key(byte kind, long partition, int length) {
    return ByteBuffer.allocate(length).put(kind).putLong(partition);
  }

  static ByteBuffer value(int length) {
    return ByteBuffer.allocate(length).put(VERSION);
  }

  static ByteBuffer read(byte[] row, String what) {
    ByteBuffer value = ByteBuffer.wrap(row);
    byte version = value.get();
    if (version != VERSION) {
      throw new StoreException(
          "the row of a " + what + " has format " + version + ", known is " + VERSION);
    }
    return value;
  }
}
