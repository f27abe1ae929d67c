package io.equator.node.core;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.IndexChange;
import io.equator.proto.Written;
import io.equator.replication.catalog.IndexView;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a write will mean for a global index: for the capacity that is told in its answer, and to
 * know whether the index needs to hear of the change at all.
 */
final class GlobalIndexChanges {
  private GlobalIndexChanges() {}

  /**
   * Adds the change to {@code written}; nothing, and false, when the index's row stays as it is.
   */
  static boolean add(
      IndexView index,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      Written.Builder written) {
    EncodedItem before = row(index, old);
    EncodedItem after = row(index, item);
    if (before == null && after == null) {
      return false;
    }
    boolean moved =
        before != null
            && after != null
            && !(sameKey(index.partitionKey(), before, after)
                && sameKey(index.sortKey(), before, after));
    if (before != null && after != null && !moved && before.contentEquals(after)) {
      return false;
    }
    written.addIndexChanges(
        IndexChange.newBuilder()
            .setIndexName(index.name())
            .setOldSize(before == null ? 0 : before.sizeBytes())
            .setNewSize(after == null ? 0 : after.sizeBytes())
            .setMoved(moved)
            .setGlobal(true));
    return true;
  }

  private static @Nullable EncodedItem row(IndexView index, @Nullable EncodedItem item) {
    if (item == null
        || !has(item, index.partitionKey(), true)
        || !has(item, index.sortKey(), false)) {
      return null;
    }
    return index.projectsAll() ? item : item.project(index.projectedAttributes());
  }

  private static boolean has(EncodedItem item, List<KeyAttribute> keys, boolean partition) {
    for (KeyAttribute key : keys) {
      EncodedValue value = item.find(key.utf8());
      if (value == null || !KeyExtractor.fits(value, key, partition)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameKey(List<KeyAttribute> keys, EncodedItem a, EncodedItem b) {
    for (KeyAttribute key : keys) {
      if (!Arrays.equals(encoded(a, key), encoded(b, key))) {
        return false;
      }
    }
    return true;
  }

  private static byte[] encoded(EncodedItem item, KeyAttribute key) {
    return KeyCodec.encode(
        Invariant.present(item.find(key.utf8()), "a row has its key attributes"));
  }
}
