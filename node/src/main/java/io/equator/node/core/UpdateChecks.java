package io.equator.node.core;

import io.equator.model.error.ApiError;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.KeySchema;
import io.equator.proto.Path;
import io.equator.proto.PathValue;
import io.equator.proto.SetAction;
import io.equator.proto.Update;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an update may not do to keys, and how big it may make an item. Only attributes that the
 * update names are looked at: an item may hold a value of another type from before an index was
 * made, and then is simply not in the index.
 */
final class UpdateChecks {
  private UpdateChecks() {}

  /** What is wrong with the update whatever the item holds. */
  static @Nullable ApiError beforeReading(TableView table, Update update) {
    KeySchema schema = table.keySchema();
    for (int i = 0; i < update.getSetsCount(); i++) {
      ApiError error = keyChange(schema, update.getSets(i).getPath());
      if (error != null) {
        return error;
      }
    }
    for (int i = 0; i < update.getRemovesCount(); i++) {
      ApiError error = keyChange(schema, update.getRemoves(i));
      if (error != null) {
        return error;
      }
    }
    ApiError error = keyChange(schema, update.getAddsList());
    if (error == null) {
      error = keyChange(schema, update.getDeletesList());
    }
    return error != null ? error : literals(table, update);
  }

  private static @Nullable ApiError keyChange(KeySchema schema, List<PathValue> values) {
    for (PathValue value : values) {
      ApiError error = keyChange(schema, value.getPath());
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private static @Nullable ApiError keyChange(KeySchema schema, Path path) {
    String name = path.getElements(0).getField();
    boolean key =
        name.equals(schema.partition().name())
            || (schema.sort().isPresent() && name.equals(schema.sort().get().name()));
    return key
        ? validation(
            "One or more parameter values were invalid: Cannot update attribute "
                + name
                + ". This attribute is part of the key")
        : null;
  }

  /** Constants for index keys have the right type. */
  private static @Nullable ApiError literals(TableView table, Update update) {
    if (table.localIndexes().isEmpty() && table.globalIndexes().isEmpty()) {
      return null;
    }
    for (SetAction set : update.getSetsList()) {
      if (set.getPath().getElementsCount() != 1 || !set.getValue().hasValue()) {
        continue;
      }
      String name = set.getPath().getElements(0).getField();
      EncodedValue value = null;
      for (List<IndexView> indexes : List.of(table.localIndexes(), table.globalIndexes())) {
        for (IndexView index : indexes) {
          KeyAttribute key = keyOf(index, name);
          if (key == null) {
            continue;
          }
          if (value == null) {
            value = EncodedValue.wrap(set.getValue().getValue());
          }
          if (value.type() != key.valueType()) {
            return validation(
                "One or more parameter values were invalid: Type mismatch for Index Key "
                    + name
                    + " Expected: "
                    + key.valueType().typeName()
                    + " Actual: "
                    + value.type().typeName()
                    + " IndexName: "
                    + index.name());
          }
        }
      }
    }
    return null;
  }

  /** What is wrong with the item that the update has made. */
  static @Nullable ApiError afterEvaluation(TableView table, Update update, EncodedItem item) {
    for (IndexView index : table.localIndexes()) {
      ApiError error = indexKeys(index, update, item);
      if (error != null) {
        return error;
      }
    }
    for (IndexView index : table.globalIndexes()) {
      ApiError error = indexKeys(index, update, item);
      if (error != null) {
        return error;
      }
    }
    return item.sizeBytes() > Decider.ITEM_SIZE_MAX
        ? validation("Item size to update has exceeded the maximum allowed size")
        : null;
  }

  private static @Nullable ApiError indexKeys(IndexView index, Update update, EncodedItem item) {
    if (index.local()) {
      return indexKey(index.sortKey().getFirst(), false, update, item);
    }
    for (KeyAttribute key : index.partitionKey()) {
      ApiError error = indexKey(key, true, update, item);
      if (error != null) {
        return error;
      }
    }
    for (KeyAttribute key : index.sortKey()) {
      ApiError error = indexKey(key, false, update, item);
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private static @Nullable ApiError indexKey(
      KeyAttribute key, boolean partition, Update update, EncodedItem item) {
    if (!touches(update, key.name())) {
      return null;
    }
    EncodedValue value = item.find(key.utf8());
    if (value == null) {
      return null;
    }
    if (value.type() != key.valueType()) {
      return validation(
          "The update expression attempted to update the secondary index key to unsupported type");
    }
    if (KeyExtractor.isEmpty(value)) {
      return validation(
          "One or more parameter values are not valid. The update expression attempted to update a"
              + " secondary index key to a value that is not supported. "
              + KeyExtractor.emptyValue(value.type()));
    }
    return KeyExtractor.isTooLong(value, partition)
        ? validation(
            "The update expression attempted to update the secondary index key beyond allowed size"
                + " limits")
        : null;
  }

  private static boolean touches(Update update, String name) {
    for (SetAction set : update.getSetsList()) {
      if (startsWith(set.getPath(), name)) {
        return true;
      }
    }
    for (PathValue add : update.getAddsList()) {
      if (startsWith(add.getPath(), name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(Path path, String name) {
    return path.getElements(0).getField().equals(name);
  }

  private static @Nullable KeyAttribute keyOf(IndexView index, String name) {
    for (KeyAttribute key : index.partitionKey()) {
      if (key.name().equals(name)) {
        return key;
      }
    }
    for (KeyAttribute key : index.sortKey()) {
      if (key.name().equals(name)) {
        return key;
      }
    }
    return null;
  }

  private static ApiError validation(String message) {
    return ApiError.validation(message);
  }
}
