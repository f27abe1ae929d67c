package io.equator.coordinator.batch;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.items.CollectionMetrics;
import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.IndexKeyChecks;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemLimits;
import io.equator.model.item.ValueProblem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.PrimaryKey;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a BatchWriteItem asks of one table, and what becomes of it. */
final class BatchWritePart {
  /**
   * A WriteRequest as sent: {@code {"PutRequest": {"Item": {…}}}} or {@code {"DeleteRequest":
   * {"Key": {…}}}}.
   */
  private static final class Sent {
    boolean hasPut;
    boolean hasDelete;
    @Nullable WireItem item;
    @Nullable WireItem key;

    @Override
    public String toString() {
      return "WriteRequest(putRequest="
          + (hasPut ? "PutRequest(item=" + (item == null ? null : item.item()) + ")" : null)
          + ", deleteRequest="
          + (hasDelete ? "DeleteRequest(key=" + (key == null ? null : key.item()) + ")" : null)
          + ")";
    }
  }

  /** An item of the region, whatever its table is called. */
  record RowName(int tableId, PrimaryKey key) {}

  private final String tableName;
  private final List<Sent> sent = new ArrayList<>();
  private final List<BatchWriteAction> actions = new ArrayList<>();

  private final List<BatchWriteAction> unprocessed = new ArrayList<>();
  private final Map<String, CollectionMetrics> collections = new LinkedHashMap<>();
  private final Consumption consumption = new Consumption();
  private boolean touched;

  private BatchWritePart(String tableName) {
    this.tableName = tableName;
  }

  static BatchWritePart read(String tableName, WireReader in) {
    BatchWritePart part = new BatchWritePart(tableName);
    in.beginParameterizedList();
    while (in.nextElement()) {
      part.sent.add(readRequest(in));
    }
    return part;
  }

  private static Sent readRequest(WireReader in) {
    Sent request = new Sent();
    in.beginStruct("WriteRequest");
    while (in.nextMember()) {
      switch (in.member()) {
        case "PutRequest" -> {
          request.hasPut = true;
          request.item = readMember(in, "PutRequest", "Item");
        }
        case "DeleteRequest" -> {
          request.hasDelete = true;
          request.key = readMember(in, "DeleteRequest", "Key");
        }
        default -> in.skip();
      }
    }
    return request;
  }

  private static @Nullable WireItem readMember(WireReader in, String shape, String member) {
    WireItem read = null;
    in.beginStruct(shape);
    while (in.nextMember()) {
      if (in.member().equals(member)) {
        read = in.attributeMap();
      } else {
        in.skip();
      }
    }
    return read;
  }

  int requestCount() {
    return sent.size();
  }

  /** Checks that each request has its item or key. */
  void check(Constraints constraints) {
    constraints.enterEntry("requestItems", tableName);
    for (int i = 0; i < sent.size(); i++) {
      Sent request = sent.get(i);
      // The list has no name of its own below the map's entry.
      String path = (i + 1) + ".member.";
      if (request.hasPut) {
        constraints.notNull(path + "putRequest.item", request.item);
      }
      if (request.hasDelete) {
        constraints.notNull(path + "deleteRequest.key", request.key);
      }
    }
    constraints.leave();
  }

  /** Checks that each request is one thing, and its values. */
  void checkContents() {
    for (Sent request : sent) {
      if (request.hasPut && request.hasDelete) {
        throw ApiException.validation(
            new ValueProblem.MoreThanOneType().message(io.equator.model.item.ValueLayer.OLDER));
      }
      if (request.item != null) {
        EncodedItem item = ValueWording.OLDER.checked(request.item);
        if (item.sizeBytes() > ItemLimits.ITEM_SIZE_MAX) {
          throw ApiException.validation("Item size has exceeded the maximum allowed size");
        }
        actions.add(new BatchWriteAction.Put(item));
      } else if (request.key != null) {
        actions.add(new BatchWriteAction.Delete(ValueWording.OLDER.checked(request.key)));
      } else {
        throw ApiException.validation(
            new ValueProblem.NoType().message(io.equator.model.item.ValueLayer.OLDER));
      }
    }
  }

  /**
   * The entries for this table, whose keys are checked against it, none of them twice.
   *
   * @param seen the keys that stand in the request so far: a table may be named by name and by ARN
   */
  List<BatchWriteEntry> entries(CatalogSnapshot snapshot, TableView table, Set<RowName> seen) {
    List<BatchWriteEntry> entries = new ArrayList<>(actions.size());
    for (BatchWriteAction action : actions) {
      PrimaryKey key =
          switch (action) {
            case BatchWriteAction.Put(EncodedItem item) -> {
              checkKeyIsThere(table, item);
              PrimaryKey found = KeyExtractor.fromItem(table.keySchema(), item);
              IndexKeyChecks.check(table, item);
              yield found;
            }
            case BatchWriteAction.Delete(EncodedItem sentKey) ->
                KeyExtractor.fromKeyMap(table.keySchema(), sentKey);
          };
      if (!seen.add(new RowName(table.id(), key))) {
        throw ApiException.validation("Provided list of item keys contains duplicates");
      }
      entries.add(new BatchWriteEntry(this, action, table, ItemKeys.of(snapshot, table, key)));
    }
    return entries;
  }

  /**
   * Other than PutItem, a batch has the same words for a key that is missing and for one of the
   * wrong type.
   */
  private static void checkKeyIsThere(TableView table, EncodedItem item) {
    for (KeyAttribute attribute : table.keySchema().attributes()) {
      var value = item.find(attribute.name());
      if (value == null || value.type() != attribute.valueType()) {
        throw ApiException.validation(KeyExtractor.SCHEMA_MISMATCH);
      }
    }
  }

  String tableName() {
    return tableName;
  }

  /** The requests as Java would print them, for complaints that show them. */
  String printed() {
    return sent.toString();
  }

  Consumption consumption() {
    touched = true;
    return consumption;
  }

  /** Whether anything was written. */
  boolean wasTouched() {
    return touched;
  }

  void unprocessed(BatchWriteAction action) {
    unprocessed.add(action);
  }

  /** Notes the size of an item collection; the last one of a key stands. */
  void collection(CollectionMetrics metrics) {
    collections.put(metrics.key().toString(), metrics);
  }

  boolean hasCollections() {
    return !collections.isEmpty();
  }

  boolean hasUnprocessed() {
    return !unprocessed.isEmpty();
  }

  void writeUnprocessed(WireWriter out) {
    out.beginArray(tableName);
    for (BatchWriteAction action : unprocessed) {
      action.write(out);
    }
    out.endArray();
  }

  void writeCollections(WireWriter out) {
    out.beginArray(tableName);
    for (CollectionMetrics metrics : collections.values()) {
      metrics.write(out);
    }
    out.endArray();
  }
}
