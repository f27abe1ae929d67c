package io.equator.coordinator.transactions;

import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.CancellationReason;
import io.equator.partitioner.PartitionId;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The actions of a transaction with their tables and keys, by the newest copy of the catalog. */
final class BoundActions {
  private static final ApiError DUPLICATE =
      ApiError.validation("Transaction request cannot include multiple operations on one item");

  /**
   * An action with its place.
   *
   * @param index its number in the request
   */
  record Bound(int index, TransactAction action, int ringId, ItemKey key, int sizeBytes) {}

  /** The actions of one partition. */
  record Part(List<Bound> actions) {
    int ringId() {
      return actions.getFirst().ringId();
    }

    long token() {
      return actions.getFirst().key().getToken();
    }
  }

  private record ItemName(int table, ItemKey key) {}

  final List<Bound> all = new ArrayList<>();
  final List<CancellationReason> reasons = new ArrayList<>();
  private boolean refused;

  private BoundActions() {}

  /**
   * Binds them.
   *
   * @throws ApiException when a table is not there, or an item is named twice
   */
  static BoundActions of(CatalogSnapshot snapshot, List<TransactAction> actions) {
    BoundActions bound = new BoundActions();
    List<TableView> tables = new ArrayList<>();
    for (TransactAction action : actions) {
      tables.add(TableNames.serving(snapshot, action.tableName()));
    }
    Set<ItemName> seen = new HashSet<>();
    boolean duplicate = false;
    for (int i = 0; i < actions.size(); i++) {
      TableView table = tables.get(i);
      try {
        ItemWrite.Builder write = actions.get(i).binder().write(snapshot, table);
        bound.all.add(
            new Bound(
                i,
                actions.get(i),
                table.ringId(),
                write.getKey(),
                write.build().getSerializedSize()));
        bound.reasons.add(CancellationReason.NONE);
        duplicate |= !seen.add(new ItemName(table.id(), write.getKey()));
      } catch (ApiException e) {
        bound.refused = true;
        bound.reasons.add(CancellationReason.of(e.error()));
      }
    }
    if (duplicate) {
      throw new ApiException(DUPLICATE);
    }
    return bound;
  }

  /** Whether an action does not fit its table. */
  boolean refused() {
    return refused;
  }

  /** By partition, in the order of their first actions. */
  List<Part> parts(CatalogSnapshot snapshot) {
    Map<PartitionId, List<Bound>> parts = new LinkedHashMap<>();
    for (Bound action : all) {
      PartitionId owner =
          snapshot.partitions().partitionOf(action.ringId(), action.key().getToken()).id();
      parts.computeIfAbsent(owner, _ -> new ArrayList<>()).add(action);
    }
    return parts.values().stream().map(Part::new).toList();
  }

  /** The actions of a part for a node, by the newest copy; null when they lie apart by now. */
  static @Nullable List<io.equator.proto.TransactAction.Builder> writes(
      CatalogSnapshot snapshot, Part part) {
    List<io.equator.proto.TransactAction.Builder> writes = new ArrayList<>();
    PartitionId first = null;
    for (Bound action : part.actions()) {
      PartitionId owner =
          snapshot.partitions().partitionOf(action.ringId(), action.key().getToken()).id();
      if (first != null && !first.equals(owner)) {
        return null;
      }
      first = owner;
      TableView table = TableNames.serving(snapshot, action.action().tableName());
      writes.add(
          io.equator.proto.TransactAction.newBuilder()
              .setWrite(
                  action.action().binder().write(snapshot, table).setTable(table.reference())));
    }
    return writes;
  }
}
