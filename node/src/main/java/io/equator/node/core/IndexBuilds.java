package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.IndexBuildStep;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How far this partition has put the items that it had into global indexes that were added to their
 * tables later.
 *
 * <p>The first step of a build also says where in the change log the index begins: whatever stands
 * behind that step was captured, and whatever stood before it is found by walking over the items.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
public final class IndexBuilds {
  private record Built(int table, int index) {}

  /**
   * One build.
   *
   * @param start the first log index whose changes belong to the index
   * @param step the last step made
   */
  public record Build(long start, IndexBuildStep step) {}

  private final long partition;
  private final Map<Built, Build> committed = new ConcurrentHashMap<>();
  private final Map<Built, @Nullable Build> changed = new HashMap<>();

  IndexBuilds(long partition, StoreView store) {
    this.partition = partition;
    byte[] prefix = MetaRows.prefix(MetaRows.INDEX_BUILD, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        ByteBuffer key = ByteBuffer.wrap(cursor.key(), 9, 5);
        committed.put(new Built(key.getInt(), key.get() & 0xff), read(cursor.value()));
      }
    }
  }

  private static Build read(byte[] row) {
    ByteBuffer value = MetaRows.read(row, "build of a global index");
    long start = value.getLong();
    try {
      return new Build(start, IndexBuildStep.parseFrom(ByteString.copyFrom(value)));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the build of a global index cannot be read", e);
    }
  }

  /** The build of an index; null when it has not begun, or never needed one. */
  @Nullable Build get(int table, int index) {
    return committed.get(new Built(table, index));
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
  }

  void step(IndexBuildStep step, EntryScope scope) {
    Built key = new Built(step.getTableId(), step.getIndexId());
    Build before = changed.containsKey(key) ? changed.get(key) : committed.get(key);
    IndexBuildStep kept =
        step.toBuilder().setLastKey(ByteString.copyFrom(step.getLastKey().toByteArray())).build();
    Build after = new Build(before == null ? scope.index() : before.start(), kept);
    changed.put(key, after);
    byte[] bytes = kept.toByteArray();
    scope
        .batch()
        .put(
            Family.META,
            MetaRows.indexBuildKey(partition, step.getTableId(), step.getIndexId()),
            MetaRows.value(9 + bytes.length).putLong(after.start()).put(bytes).array());
  }

  /** Forgets a table's builds: of one index, or of all when {@code index} is 0. */
  void drop(int table, int index, RowBatch batch) {
    for (Built built : committed.keySet()) {
      if (built.table() == table && (index == 0 || built.index() == index)) {
        changed.put(built, null);
        batch.delete(Family.META, MetaRows.indexBuildKey(partition, built.table(), built.index()));
      }
    }
  }

  /** The batch is committed. */
  void publish() {
    for (Map.Entry<Built, @Nullable Build> change : changed.entrySet()) {
      Build build = change.getValue();
      if (build == null) {
        committed.remove(change.getKey());
      } else {
        committed.put(change.getKey(), build);
      }
    }
  }
}
