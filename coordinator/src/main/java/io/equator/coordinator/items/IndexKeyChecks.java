package io.equator.coordinator.items;

import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.Path;
import io.equator.proto.SetAction;
import io.equator.proto.SetValue;
import io.equator.proto.Update;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.List;

/**
 * Whether what is to be written can stand in the table's secondary indexes, local and global alike.
 */
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

  /**
   * Checks the values that an update sets as they stand in the request. Values that only the
   * evaluation shows are the node's to check, which has other words for them.
   */
  static void check(TableView table, Update update) {
    if (table.globalIndexes().isEmpty() && table.localIndexes().isEmpty()) {
      return;
    }
    for (SetAction action : update.getSetsList()) {
      Path path = action.getPath();
      if (path.getElementsCount() == 1
          && action.getValue().getKindCase() == SetValue.KindCase.VALUE) {
        EncodedValue value = EncodedValue.wrap(action.getValue().getValue());
        check(table.globalIndexes(), path.getElements(0).getField(), value);
        check(table.localIndexes(), path.getElements(0).getField(), value);
      }
    }
  }

  private static void check(List<IndexView> indexes, String name, EncodedValue value) {
    for (IndexView index : indexes) {
      check(index, index.partitionKey(), name, value);
      check(index, index.sortKey(), name, value);
    }
  }

  private static void check(
      IndexView index, List<KeyAttribute> attributes, String name, EncodedValue value) {
    for (KeyAttribute attribute : attributes) {
      if (attribute.name().equals(name) && value.type() != attribute.valueType()) {
        throw ApiException.validation(
            "One or more parameter values were invalid: Type mismatch for Index Key "
                + name
                + " Expected: "
                + attribute.valueType().typeName()
                + " Actual: "
                + value.type().typeName()
                + " IndexName: "
                + index.name());
      }
    }
  }
}
