package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.IndexChange;
import io.equator.proto.IndexRowEffect;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemKey;
import io.equator.proto.Written;
import io.equator.replication.catalog.IndexView;
import org.jspecify.annotations.Nullable;

/**
 * What a write means for one local secondary index.
 *
 * <p>An item has a row in an index when it has the index's sort attribute with the right type; the
 * row lies under {@code token | partition key | index sort key | sort key} and holds the projected
 * attributes. A row that would not change is left alone, and is no part of the write's cost
 * (measured on the real service).
 */
final class LocalIndexRows {
  private LocalIndexRows() {}

  /** A row as it is or will be; null where the item has none. */
  private record Row(ByteString suffix, EncodedItem item) {}

  /**
   * Adds the changes of one index's rows to {@code effect} and {@code written}.
   *
   * @return by how many bytes the index grows
   */
  static long add(
      IndexView index,
      ItemKey key,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      long timestamp,
      int region,
      ItemEffect.Builder effect,
      Written.Builder written) {
    Row before = row(index, key, old);
    Row after = row(index, key, item);
    if (before == null && after == null) {
      return 0;
    }
    int oldSize = before == null ? 0 : before.item().sizeBytes();
    int newSize = after == null ? 0 : after.item().sizeBytes();
    boolean moved = before != null && after != null && !before.suffix().equals(after.suffix());
    if (before != null && after != null && !moved && before.item().contentEquals(after.item())) {
      return 0;
    }
    if (before != null && (after == null || moved)) {
      effect.addIndexRows(
          IndexRowEffect.newBuilder()
              .setIndexId(index.id())
              .setKey(before.suffix())
              .setItemCountDelta(-1)
              .setSizeDelta(-oldSize));
    }
    if (after != null) {
      effect.addIndexRows(
          put(index, after, before == null || moved ? null : before.item(), timestamp, region));
    }
    written.addIndexChanges(
        IndexChange.newBuilder()
            .setIndexName(index.name())
            .setOldSize(oldSize)
            .setNewSize(newSize)
            .setMoved(moved));
    return (long) newSize - oldSize;
  }

  private static IndexRowEffect put(
      IndexView index, Row row, @Nullable EncodedItem replaced, long timestamp, int region) {
    IndexRowEffect.Builder put =
        IndexRowEffect.newBuilder()
            .setIndexId(index.id())
            .setKey(row.suffix())
            .setItemCountDelta(replaced == null ? 1 : 0)
            .setSizeDelta(
                replaced == null
                    ? row.item().sizeBytes()
                    : row.item().sizeBytes() - replaced.sizeBytes());
    if (index.projectsAll()) {
      return put.setValueIsItem(true).build();
    }
    return put.setValue(StoredValue.of(row.item(), timestamp, region).toByteString()).build();
  }

  private static @Nullable Row row(IndexView index, ItemKey key, @Nullable EncodedItem item) {
    if (item == null) {
      return null;
    }
    KeyAttribute sort = index.sortKey().getFirst();
    EncodedValue value = item.find(sort.utf8());
    if (value == null || !KeyExtractor.fits(value, sort, false)) {
      return null;
    }
    ByteString suffix =
        UnsafeByteOperations.unsafeWrap(StoreKeys.indexSuffix(key, KeyCodec.encode(value)));
    return new Row(suffix, index.projectsAll() ? item : item.project(index.projectedAttributes()));
  }
}
