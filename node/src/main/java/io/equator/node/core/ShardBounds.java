package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.RotateShards;
import io.equator.proto.ShardRotation;
import io.equator.proto.ShardRotations;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where one shard of a stream ends in the change log of one partition and the next one begins, for
 * each table that has or had a stream.
 *
 * <p>A rotation is a place in the log and moves no record: the entry that holds it is the last one
 * of its shard, whatever else it holds. It stands in the log, so every replica ends the shard at
 * the same record. Leaders see to it that no more than {@value #ROTATIONS_MAX} are kept of a table.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
public final class ShardBounds {
  /** More are not made; a leader asks for one only when there is room. */
  public static final int ROTATIONS_MAX = 1_000;

  private final long partition;
  private final Map<Integer, ShardRotations> committed = new ConcurrentHashMap<>();
  private final Map<Integer, ShardRotations> changed = new HashMap<>();

  ShardBounds(long partition, StoreView store) {
    this.partition = partition;
    byte[] prefix = MetaRows.prefix(MetaRows.SHARD_BOUNDS, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        committed.put(MetaRows.tableOfChangeKey(cursor.key()), parse(cursor.value()));
      }
    }
  }

  private static ShardRotations parse(byte[] row) {
    try {
      return ShardRotations.parseFrom(ByteString.copyFrom(MetaRows.read(row, "shard bounds")));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the bounds of shards cannot be read", e);
    }
  }

  /** The rotations of a table's streams. */
  ShardRotations get(int table) {
    return committed.getOrDefault(table, ShardRotations.getDefaultInstance());
  }

  /** The log index of the last rotation; 0 when there was none. */
  public static long last(ShardRotations rotations) {
    int count = rotations.getRotationsCount();
    return count == 0 ? rotations.getStartIndex() : rotations.getRotations(count - 1).getLogIndex();
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void rotate(RotateShards effect, EntryScope scope) {
    int table = effect.getTableId();
    ShardRotations before = changed.getOrDefault(table, get(table));
    if (last(before) != effect.getAfterIndex() || scope.index() <= last(before)) {
      return;
    }
    long start = before.getStartIndex();
    ShardRotations.Builder after = ShardRotations.newBuilder();
    List<ShardRotation> rotations = before.getRotationsList();
    for (ShardRotation rotation : rotations) {
      if (rotation.getLogIndex() <= effect.getForgetIndex()) {
        start = rotation.getLogIndex();
      } else {
        after.addRotations(rotation);
      }
    }
    after
        .setStartIndex(start)
        .addRotations(
            ShardRotation.newBuilder().setLogIndex(scope.index()).setMillis(effect.getMillis()));
    ShardRotations now = after.build();
    changed.put(table, now);
    scope
        .batch()
        .put(
            Family.META,
            MetaRows.shardBoundsKey(partition, table),
            MetaRows.value(1 + now.getSerializedSize()).put(now.toByteArray()).array());
  }

  /** The batch is committed. */
  void publish() {
    committed.putAll(changed);
  }
}
