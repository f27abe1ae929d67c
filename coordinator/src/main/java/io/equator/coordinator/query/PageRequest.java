package io.equator.coordinator.query;

import io.equator.coordinator.items.CapacityReport;
import io.equator.proto.Condition;
import io.equator.proto.Projection;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A checked Query or Scan.
 *
 * @param tableName as the request named the table
 * @param consistent whether to read at the leaders
 * @param backward whether to read from the end
 * @param limit rows to evaluate at most; 0 for no limit
 * @param filter what rows must satisfy to be returned; null for all
 * @param projection what to return of a row; null for everything in it
 * @param countOnly whether the rows themselves are not wanted
 * @param report what to tell of the consumption
 * @param binding finds the target at a copy of the catalog, with the checks that need the table
 */
public record PageRequest(
    String tableName,
    boolean consistent,
    boolean backward,
    int limit,
    @Nullable Condition filter,
    @Nullable Projection projection,
    boolean countOnly,
    CapacityReport report,
    Binding binding) {

  /** Finds the target of a request. */
  @FunctionalInterface
  public interface Binding {
    /** The target at this copy. */
    PageTarget bind(CatalogSnapshot snapshot);
  }
}
