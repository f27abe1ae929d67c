package io.equator.coordinator.regions;

import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.concurrent.CompletableFuture;

/** What taking in needs of its own region; the port that simulations stand behind. */
public interface InboxAccess {
  /** The newest copy of the catalog. */
  CatalogSnapshot catalog();

  /** Writes to one partition; answered when the writes are durable. */
  CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan);

  /** Strongly consistent point reads of one partition. */
  CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan);

  /** Runs a short task later. */
  void later(long millis, Runnable task);

  /** Milliseconds since the epoch. */
  long nowMillis();
}
