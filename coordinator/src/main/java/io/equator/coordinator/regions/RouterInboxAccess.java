package io.equator.coordinator.regions;

import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

/** The port through the router. */
public final class RouterInboxAccess implements InboxAccess {
  private final Router router;
  private final InstantSource clock;

  /** Through this router. */
  public RouterInboxAccess(Router router, InstantSource clock) {
    this.router = router;
    this.clock = clock;
  }

  @Override
  public CatalogSnapshot catalog() {
    return router.catalog();
  }

  @Override
  public CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan) {
    return router.write(plan);
  }

  @Override
  public CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan) {
    return router.get(plan, true);
  }

  @Override
  public void later(long millis, Runnable task) {
    router.later(Duration.ofMillis(millis), task);
  }

  @Override
  public long nowMillis() {
    return clock.millis();
  }
}
