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

  /** What a request has to do with the capacity of its tables, where that is enforced. */
  enum Charge {
    /** It is throttled when there is none left, and takes of it. */
    BEGINS,
    /**
     * A further part of something that has begun. It takes of the capacity, but is let through: it
     * would never come to its end on a small table.
     */
    GOES_ON,
    /** It does again what was paid for. */
    REPEATS
  }

  /** What this request has to do with capacity. */
  default Charge charge() {
    return Charge.BEGINS;
  }

  /** The same request as another part of what it belongs to. */
  static <Q> Plan<Q> as(Charge charge, Plan<Q> plan) {
    return new Plan<>() {
      @Override
      public @Nullable Bound<Q> bind(CatalogSnapshot snapshot) {
        return plan.bind(snapshot);
      }

      @Override
      public Charge charge() {
        return charge;
      }
    };
  }

  /**
   * A request made for one snapshot.
   *
   * @param ringId the ring that the table lives on
   * @param token decides the partition
   * @param request what to send there
   */
  record Bound<Q>(int ringId, long token, Q request) {}
}
