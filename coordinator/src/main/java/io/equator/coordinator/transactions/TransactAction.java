package io.equator.coordinator.transactions;

import io.equator.model.error.ApiException;
import io.equator.proto.ItemWrite;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;

/**
 * One action of a transaction, checked as far as that can be done without its table.
 *
 * @param tableName name or ARN, as the request says it
 * @param binder makes the write for a table
 */
public record TransactAction(String tableName, Binder binder) {
  /** Makes the write; called again when the table has changed. */
  @FunctionalInterface
  public interface Binder {
    /**
     * The write with its key, and its condition if it has one; without put, update or delete it
     * only checks. The table's reference is set by the caller.
     *
     * @throws ApiException when key or item do not fit the table; that cancels the transaction
     */
    ItemWrite.Builder write(CatalogSnapshot snapshot, TableView table);
  }
}
