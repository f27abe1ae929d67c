package io.equator.coordinator.router;

import io.equator.coordinator.capacity.CapacityGate;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.proto.ActionResult;
import io.equator.proto.GetResult;
import io.equator.proto.IndexChange;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequestOrBuilder;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which tables and indexes a request takes capacity of, before it is sent and after it was
 * answered.
 *
 * <p>Whether a write changes a global index is known where it is decided; so it carries the indexes
 * that have nothing left, and the node throttles it if it would change one of them. Versions that
 * come from other regions are not counted: they are replicated write units, of which there is no
 * limit here.
 */
final class Metering {
  private final CapacityGate gate;

  Metering(CapacityGate gate) {
    this.gate = gate;
  }

  boolean isOff() {
    return !gate.isEnforced();
  }

  /** Why writes are throttled; null when they are not. Tells them which indexes are exhausted. */
  @Nullable ApiError write(CatalogSnapshot snapshot, ItemWrite.Builder write, boolean first) {
    Optional<TableView> table = snapshot.table(write.getTable().getTableId());
    if (table.isEmpty() || write.hasMerge()) {
      return null;
    }
    ApiError refusal = first ? gate.refusal(snapshot, table.get(), 0, true) : null;
    write.clearThrottledIndexIds();
    if (refusal == null) {
      for (IndexView index : table.get().globalIndexes()) {
        if (gate.isExhausted(snapshot, table.get(), index)) {
          write.addThrottledIndexIds(index.id());
        }
      }
    }
    return refusal;
  }

  /** Why reads of items are throttled; null when they are not. */
  @Nullable ApiError gets(CatalogSnapshot snapshot, List<ItemGet> gets) {
    for (ItemGet get : gets) {
      Optional<TableView> table = snapshot.table(get.getTable().getTableId());
      ApiError refusal =
          table.isEmpty() || get.getVersionOnly()
              ? null
              : gate.refusal(snapshot, table.get(), 0, false);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  /** Why a page is throttled; null when it is not. */
  @Nullable ApiError page(CatalogSnapshot snapshot, ReadPageRequestOrBuilder page) {
    return snapshot
        .table(page.getTable().getTableId())
        .map(table -> gate.refusal(snapshot, table, page.getIndexId(), false))
        .orElse(null);
  }

  void tookWrite(CatalogSnapshot snapshot, ItemWrite write, WriteResult result) {
    switch (result.getOutcomeCase()) {
      case WRITTEN -> tookWritten(snapshot, write, result.getWritten(), 1);
      case CONDITION_FAILED -> tookCheck(snapshot, write, result.getConditionFailed().getSize());
      case REFUSED, OUTCOME_NOT_SET -> {}
    }
  }

  /** The same in a transaction: the table's part is doubled, the indexes' is not. */
  void tookAction(CatalogSnapshot snapshot, ItemWrite write, ActionResult result) {
    switch (result.getOutcomeCase()) {
      case WRITTEN -> tookWritten(snapshot, write, result.getWritten(), 2);
      case CONDITION_FAILED -> tookCheck(snapshot, write, result.getConditionFailed().getSize());
      case REFUSED, CONFLICT, OUTCOME_NOT_SET -> {}
    }
  }

  private void tookWritten(CatalogSnapshot snapshot, ItemWrite write, Written written, int factor) {
    Optional<TableView> table = snapshot.table(write.getTable().getTableId());
    if (table.isEmpty() || write.hasMerge()) {
      return;
    }
    double units = CapacityUnits.write(written.getOldSize(), written.getNewSize()) * factor;
    for (IndexChange change : written.getIndexChangesList()) {
      double more =
          CapacityUnits.indexWrite(change.getOldSize(), change.getNewSize(), change.getMoved());
      Optional<IndexView> index = table.get().index(change.getIndexName());
      if (change.getGlobal() && index.isPresent()) {
        gate.take(snapshot, table.get(), index.get().id(), true, more);
      } else {
        units += more;
      }
    }
    gate.take(snapshot, table.get(), 0, true, units);
  }

  private void tookCheck(CatalogSnapshot snapshot, ItemWrite write, int size) {
    snapshot
        .table(write.getTable().getTableId())
        .ifPresent(table -> gate.take(snapshot, table, 0, true, CapacityUnits.write(size, size)));
  }

  void tookGet(CatalogSnapshot snapshot, ItemGet get, GetResult result, ReadMode mode) {
    if (!get.getVersionOnly()) {
      snapshot
          .table(get.getTable().getTableId())
          .ifPresent(
              table ->
                  gate.take(snapshot, table, 0, false, CapacityUnits.read(result.getSize(), mode)));
    }
  }

  void tookPage(CatalogSnapshot snapshot, ReadPageRequestOrBuilder page, Page read, ReadMode mode) {
    snapshot
        .table(page.getTable().getTableId())
        .ifPresent(
            table -> {
              gate.take(
                  snapshot,
                  table,
                  page.getIndexId(),
                  false,
                  CapacityUnits.read(read.getEvaluatedBytes(), mode));
              if (read.getFetchedBytesRounded() > 0) {
                gate.take(
                    snapshot,
                    table,
                    0,
                    false,
                    CapacityUnits.fetch(read.getFetchedBytesRounded(), mode));
              }
            });
  }
}
