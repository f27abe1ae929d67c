package io.equator.coordinator.items;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.replication.catalog.TableView;
import org.jspecify.annotations.Nullable;

/**
 * Which item collection a write was in.
 *
 * @param name the table's partition key
 * @param value its value
 */
record CollectionKey(String name, EncodedValue value) {

  /** The collection of this item or key; null for a table without local indexes, which has none. */
  static @Nullable CollectionKey of(TableView table, EncodedItem item) {
    if (table.localIndexes().isEmpty()) {
      return null;
    }
    String name = table.keySchema().partition().name();
    EncodedValue value = item.find(name);
    return value == null ? null : new CollectionKey(name, value);
  }
}
