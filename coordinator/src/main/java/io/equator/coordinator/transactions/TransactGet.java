package io.equator.coordinator.transactions;

import io.equator.model.error.ApiException;
import io.equator.proto.ItemGet;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;

/**
 * One read of a transaction, checked as far as that can be done without its table.
 *
 * @param tableName name or ARN, as the request says it
 * @param binder makes the read for a table
 */
public record TransactGet(String tableName, Binder binder) {
  /** Makes the read; called again when the table has changed. */
  @FunctionalInterface
  public interface Binder {
    /**
     * The read with its key and projection; the table's reference is set by the caller.
     *
     * @throws ApiException when the key does not fit the table; that cancels the transaction
     */
    ItemGet.Builder get(CatalogSnapshot snapshot, TableView table);
  }
}
