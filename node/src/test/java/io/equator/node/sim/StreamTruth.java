package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.coordinator.streams.SimulatedStreams;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.proto.Effect;
import io.equator.proto.ItemEffect;
import io.equator.proto.PartitionEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of a run have to show: each item before and after each applied write, as stores
 * had it. Knows nothing of change records.
 */
final class StreamTruth {
  private final int table;
  private final NavigableMap<Long, Long> streams = new TreeMap<>();
  private final Map<Long, List<Change>> changes = new TreeMap<>();
  private final Map<Long, Long> seenUpTo = new HashMap<>();
  private final Map<Long, Long> retired = new HashMap<>();
  private final Map<Long, Long> ended = new HashMap<>();
  private long nextNumber;

  StreamTruth(int table) {
    this.table = table;
  }

  /**
   * One change of an item.
   *
   * @param number over all partitions, in the order in which they were applied anywhere first
   * @param stream that has to show it; 0: none was switched on for who decided it
   * @param decidedMillis the leader's clock
   * @param appliedMillis when a node had applied it
   */
  record Change(
      long number,
      long stream,
      long index,
      String item,
      @Nullable String before,
      @Nullable String after,
      long decidedMillis,
      long appliedMillis) {}

  /** From a version of the schema on, this stream shows changes; 0: none does. */
  void schema(long version, long stream) {
    streams.put(version, stream);
  }

  /** A stream is switched off. */
  void ended(long stream, long millis) {
    ended.put(stream, millis);
  }

  /** Whether all of a stream may be gone, since it was switched off so long ago. */
  boolean isForgotten(long stream, long millis) {
    Long off = ended.get(stream);
    return off != null && off < millis;
  }

  /** The ids of all streams that there have been. */
  List<Long> streams() {
    return streams.values().stream().filter(id -> id != 0).distinct().toList();
  }

  /** The change log of a partition is given up. */
  void retired(long partition, long millis) {
    retired.putIfAbsent(partition, millis);
  }

  /** When the change log of a partition was given up; null when it is there. */
  @Nullable Long retiredMillis(long partition) {
    return retired.get(partition);
  }

  /** Partitions that have changes. */
  Iterable<Long> partitions() {
    return changes.keySet();
  }

  /** What a stream has to show of a partition. */
  List<Change> of(long partition, long stream) {
    return changes.getOrDefault(partition, List.of()).stream()
        .filter(change -> change.stream() == stream)
        .toList();
  }

  /** What an entry will change, by the items that a store has before it is applied. */
  List<Change> before(long partition, long index, ByteString bytes, TreeStore store, long millis) {
    if (seenUpTo.getOrDefault(partition, -1L) >= index) {
      return List.of();
    }
    PartitionEntry entry;
    try {
      entry = PartitionEntry.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    Map<ByteString, byte[]> written = new HashMap<>();
    List<Change> found = new ArrayList<>();
    for (Effect effect : entry.getEffectsList()) {
      if (!effect.hasItem() || effect.getItem().getTableId() != table) {
        continue;
      }
      ItemEffect item = effect.getItem();
      byte[] old =
          written.containsKey(item.getKey())
              ? written.get(item.getKey())
              : store.get(Family.ITEMS, StoreKeys.row(table, 0, item.getKey()));
      byte[] now = item.hasValue() ? item.getValue().toByteArray() : null;
      written.put(item.getKey(), now);
      String before = shown(old);
      String after = shown(now);
      if (before == null ? after != null : !before.equals(after)) {
        found.add(
            new Change(
                nextNumber++,
                streams.floorEntry(item.getSchemaVersion()).getValue(),
                index,
                name(old == null ? now : old),
                before,
                after,
                entry.getLeaderMillis(),
                millis));
      }
    }
    return found;
  }

  /** The entry was applied, for the first time anywhere perhaps. */
  void applied(long partition, long index, List<Change> found) {
    if (seenUpTo.merge(partition, index, Math::max) == index && !found.isEmpty()) {
      changes.computeIfAbsent(partition, _ -> new ArrayList<>()).addAll(found);
    }
  }

  private static @Nullable String shown(byte @Nullable [] value) {
    return value == null ? null : SimulatedStreams.shown(StoredValue.read(value).item());
  }

  private static String name(byte @Nullable [] value) {
    EncodedItem item = StoredValue.read(java.util.Objects.requireNonNull(value)).item();
    return TestTables.partitionKey(item);
  }
}
