package io.equator.coordinator.items;

import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyExtractor;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.List;

/** Whether a whole new item can stand in the table's secondary indexes, local and global alike. */
public final class IndexKeyChecks {
  private IndexKeyChecks() {}

  /**
   * Checks a whole new item; an attribute that is absent keeps the item out of the index and is no
   * error.
   */
  public static void check(TableView table, EncodedItem item) {
    check(table.globalIndexes(), item);
    check(table.localIndexes(), item);
  }

  private static void check(List<IndexView> indexes, EncodedItem item) {
    for (IndexView index : indexes) {
      for (KeyAttribute attribute : index.partitionKey()) {
        KeyExtractor.indexPart(item, attribute, true, index.name());
      }
      for (KeyAttribute attribute : index.sortKey()) {
        KeyExtractor.indexPart(item, attribute, false, index.name());
      }
    }
  }
}
