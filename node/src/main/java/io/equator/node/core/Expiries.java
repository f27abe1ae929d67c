package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueType;
import io.equator.proto.Expiry;
import io.equator.proto.ExpiryStep;
import io.equator.proto.ExpiryWalk;
import io.equator.proto.ItemEffect;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When the items of one partition expire: the rows of {@link Family#TTL}, {@code partition (8) |
 * table (4) | seconds since the epoch (8) | token (8) | partition key | sort key}, without a value
 * but their version.
 *
 * <p>Rows change with their items, in the same batch. A walk over items that were there before time
 * to live was switched on may leave a row that is out of date; so a row is only a hint, and whoever
 * deletes an item looks at the item first.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
public final class Expiries {
  private static final byte[] ROW = {1};
  private static final int PREFIX = 12;

  /** Beyond this a number of seconds is no time that anybody means. */
  private static final BigDecimal SECONDS_MAX = new BigDecimal("1000000000000000");

  private final long partition;
  private final Map<Integer, ExpiryWalk> walks = new ConcurrentHashMap<>();
  private final Map<Integer, ExpiryWalk> changed = new HashMap<>();

  Expiries(long partition, StoreView store) {
    this.partition = partition;
    byte[] prefix = MetaRows.prefix(MetaRows.EXPIRY_WALK, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        walks.put(MetaRows.tableOfChangeKey(cursor.key()), walk(cursor.value()));
      }
    }
  }

  private static ExpiryWalk walk(byte[] row) {
    ByteBuffer value = MetaRows.read(row, "walk for expiries");
    try {
      return ExpiryWalk.parseFrom(ByteString.copyFrom(value));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a walk for expiries cannot be read", e);
    }
  }

  /** Notes in an effect when the old and the new item expire. */
  static void note(
      String attribute,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      ItemEffect.Builder effect) {
    of(attribute, old).ifPresent(effect::setOldExpiry);
    of(attribute, item).ifPresent(effect::setNewExpiry);
  }

  /**
   * When an item expires, in whole seconds since the epoch; empty when it does not: the attribute
   * is absent, no number, or negative.
   */
  public static OptionalLong of(String attribute, @Nullable EncodedItem item) {
    EncodedValue value = item == null ? null : item.find(attribute);
    if (value == null || value.type() != ValueType.N) {
      return OptionalLong.empty();
    }
    BigDecimal seconds = new BigDecimal(value.number().toString());
    return seconds.signum() < 0 || seconds.compareTo(SECONDS_MAX) > 0
        ? OptionalLong.empty()
        : OptionalLong.of(seconds.longValue());
  }

  /** How far the walk for a table's present setting is; null when it has not begun. */
  @Nullable ExpiryWalk walk(int table) {
    return walks.get(table);
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void add(ItemEffect effect, RowBatch batch) {
    if (effect.hasOldExpiry()
        && (!effect.hasNewExpiry() || effect.getNewExpiry() != effect.getOldExpiry())) {
      batch.delete(Family.TTL, key(effect.getTableId(), effect.getOldExpiry(), effect.getKey()));
    }
    if (effect.hasNewExpiry()) {
      batch.put(Family.TTL, key(effect.getTableId(), effect.getNewExpiry(), effect.getKey()), ROW);
    }
  }

  void step(ExpiryStep step, RowBatch batch) {
    for (Expiry expiry : step.getPutsList()) {
      batch.put(Family.TTL, key(step.getTableId(), expiry.getSeconds(), expiry.getKey()), ROW);
    }
    for (Expiry expiry : step.getDeletesList()) {
      batch.delete(Family.TTL, key(step.getTableId(), expiry.getSeconds(), expiry.getKey()));
    }
    if (step.hasWalk()) {
      ExpiryWalk walk =
          step.getWalk().toBuilder()
              .setLastKey(ByteString.copyFrom(step.getWalk().getLastKey().toByteArray()))
              .build();
      changed.put(step.getTableId(), walk);
      byte[] bytes = walk.toByteArray();
      batch.put(
          Family.META,
          MetaRows.expiryWalkKey(partition, step.getTableId()),
          MetaRows.value(1 + bytes.length).put(bytes).array());
    }
  }

  /** The batch is committed. */
  void publish() {
    walks.putAll(changed);
  }

  private byte[] key(int table, long seconds, ByteString suffix) {
    byte[] key = new byte[PREFIX + Long.BYTES + suffix.size()];
    ByteBuffer.wrap(key).putLong(partition).putInt(table).putLong(seconds);
    suffix.copyTo(key, PREFIX + Long.BYTES);
    return key;
  }

  /** The tables of which a partition has rows. */
  static List<Integer> tables(StoreView store, long partition) {
    List<Integer> tables = new ArrayList<>();
    byte[] prefix = ByteBuffer.allocate(8).putLong(partition).array();
    try (RowCursor cursor = store.cursor(Family.TTL, prefix, StoreKeys.successor(prefix))) {
      cursor.first();
      while (cursor.valid()) {
        int table = ByteBuffer.wrap(cursor.key()).getInt(8);
        tables.add(table);
        cursor.atOrAfter(
            StoreKeys.successor(
                ByteBuffer.allocate(PREFIX).putLong(partition).putInt(table).array()));
      }
    }
    return tables;
  }

  /** Rows of a table from one time to another (both inclusive), the oldest first. */
  static List<Expiry> rows(
      StoreView store, long partition, int table, long from, long to, int rowsMax) {
    List<Expiry> rows = new ArrayList<>();
    ByteBuffer bound = ByteBuffer.allocate(PREFIX + Long.BYTES).putLong(partition).putInt(table);
    byte[] lower = bound.putLong(PREFIX, from).array().clone();
    byte[] upper = StoreKeys.successor(bound.putLong(PREFIX, to).array());
    try (RowCursor cursor = store.cursor(Family.TTL, lower, upper)) {
      for (cursor.first(); rows.size() < rowsMax && cursor.valid(); cursor.next()) {
        byte[] key = cursor.key();
        rows.add(
            Expiry.newBuilder()
                .setSeconds(ByteBuffer.wrap(key).getLong(PREFIX))
                .setKey(
                    ByteString.copyFrom(key, PREFIX + Long.BYTES, key.length - PREFIX - Long.BYTES))
                .build());
      }
    }
    return rows;
  }
}
