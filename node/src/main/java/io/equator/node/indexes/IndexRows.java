package io.equator.node.indexes;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeyExtractor;
import io.equator.partitioner.TokenHash;
import io.equator.proto.ChangePlace;
import io.equator.proto.ChangeRecord;
import io.equator.proto.GlobalIndexRow;
import io.equator.replication.catalog.IndexView;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What items and their changes mean for one global index.
 *
 * <p>An item has a row when it has every key attribute of the index with the right type and a size
 * that a key may have; otherwise it is not in the index (sparse index, DynamoDB developer guide).
 *
 * <p>Pure: the same change gives the same rows, whoever computes them.
 */
final class IndexRows {
  private final IndexView index;
  private final TokenHash hash;

  /**
   * @param hash of the ring that the table is on
   */
  IndexRows(IndexView index, TokenHash hash) {
    this.index = index;
    this.hash = hash;
  }

  /**
   * One change of the index.
   *
   * @param token decides where the row lies
   * @param row key and value
   */
  record Row(long token, GlobalIndexRow row) {}

  /** Where an item's row lies: what follows {@code table | index} in its key. */
  private record Place(long token, ByteString suffix) {}

  /** Adds the rows that a change puts and deletes, the deleted first. */
  void addRowsOf(ChangeRecord change, ChangePlace at, List<Row> rows) {
    ByteString tableKey = change.getKey().substring(Long.BYTES);
    StoredValue oldValue = change.hasOldValue() ? StoredValue.read(change.getOldValue()) : null;
    StoredValue newValue = change.hasNewValue() ? StoredValue.read(change.getNewValue()) : null;
    Place before = oldValue == null ? null : place(oldValue.item(), tableKey);
    Place after = newValue == null ? null : place(newValue.item(), tableKey);
    if (before != null && !before.equals(after)) {
      rows.add(
          new Row(
              before.token(),
              GlobalIndexRow.newBuilder().setKey(before.suffix()).setAt(at).build()));
    }
    if (after == null || newValue == null) {
      return;
    }
    EncodedItem shown = projected(newValue.item());
    if (oldValue != null
        && after.equals(before)
        && projected(oldValue.item()).contentEquals(shown)) {
      return;
    }
    rows.add(
        new Row(
            after.token(),
            GlobalIndexRow.newBuilder()
                .setKey(after.suffix())
                .setValue(value(newValue, shown))
                .setAt(at)
                .build()));
  }

  /**
   * The row of an item as it is.
   *
   * @param tableKey partition key and sort key of the item, encoded
   * @return null when the item is not in the index
   */
  @Nullable Row rowOf(StoredValue item, ByteString tableKey) {
    Place place = place(item.item(), tableKey);
    return place == null
        ? null
        : new Row(
            place.token(),
            GlobalIndexRow.newBuilder()
                .setKey(place.suffix())
                .setValue(value(item, projected(item.item())))
                .build());
  }

  /** Whether an item has a key attribute of the index that cannot be one: type or size. */
  boolean violates(EncodedItem item) {
    return violates(item, index.partitionKey(), true) || violates(item, index.sortKey(), false);
  }

  private static boolean violates(EncodedItem item, List<KeyAttribute> keys, boolean partition) {
    for (KeyAttribute key : keys) {
      EncodedValue value = item.find(key.utf8());
      if (value != null && !KeyExtractor.fits(value, key, partition)) {
        return true;
      }
    }
    return false;
  }

  private ByteString value(StoredValue item, EncodedItem shown) {
    return index.projectsAll()
        ? item.toByteString()
        : StoredValue.of(shown, item.timestamp(), item.originRegion()).toByteString();
  }

  private EncodedItem projected(EncodedItem item) {
    return index.projectsAll() ? item : item.project(index.projectedAttributes());
  }

  private @Nullable Place place(EncodedItem item, ByteString tableKey) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    if (!add(item, index.partitionKey(), true, key)) {
      return null;
    }
    long token = hash.token(key.toByteArray());
    if (!add(item, index.sortKey(), false, key)) {
      return null;
    }
    byte[] suffix = new byte[Long.BYTES + key.size() + tableKey.size()];
    ByteBuffer.wrap(suffix).putLong(token).put(key.toByteArray());
    tableKey.copyTo(suffix, Long.BYTES + key.size());
    return new Place(token, UnsafeByteOperations.unsafeWrap(suffix));
  }

  private static boolean add(
      EncodedItem item, List<KeyAttribute> keys, boolean partition, ByteArrayOutputStream to) {
    for (KeyAttribute key : keys) {
      EncodedValue value = item.find(key.utf8());
      if (value == null || !KeyExtractor.fits(value, key, partition)) {
        return false;
      }
      to.writeBytes(KeyCodec.encode(value));
    }
    return true;
  }
}
