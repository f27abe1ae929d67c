package io.equator.coordinator.router;

import io.equator.model.error.ApiException;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request from a copy of the catalog. Called once per request, and again whenever a node
 * answered that the copy was old, so that table, key schema and schema version are always looked up
 * together.
 */
@FunctionalInterface
public interface Plan<Q> {

  /**
   * Binds the request to this snapshot; null when its keys no longer lie in one partition.
   *
   * @throws ApiException when the request is not possible there, for example because the table is
   *     gone
   */
  @Nullable Bound<Q> bind(CatalogSnapshot snapshot);

  /**
   * A request made for one snapshot.
   *
   * @param ringId the ring that the table lives on
   * @param token decides the partition
   * @param request what to send there
   */
  record Bound<Q>(int ringId, long token, Q request) {}
}
