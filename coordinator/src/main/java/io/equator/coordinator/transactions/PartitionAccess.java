package io.equator.coordinator.transactions;

import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResults;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResults;
import io.equator.proto.TransactReadResults;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.concurrent.CompletableFuture;

/**
 * What transactions need of the partitions: the port to the router. Its futures always complete;
 * calls are asked again inside of it as long as that is right.
 */
public interface PartitionAccess {
  /** The newest copy of the catalog. */
  CatalogSnapshot catalog();

  /** Locks a transaction's part of one partition. */
  CompletableFuture<Routed<PrepareResults>> prepare(Plan<PrepareRequest.Builder> plan);

  /** Makes a whole transaction of one partition. */
  CompletableFuture<Routed<PrepareResults>> transactWrite(Plan<PrepareRequest.Builder> plan);

  /** Ends a transaction in one partition. */
  CompletableFuture<Routed<FinishResults>> finish(Plan<FinishRequest.Builder> plan);

  /** Reads items with versions and locks. */
  CompletableFuture<Routed<TransactReadResults>> transactRead(Plan<GetRequest.Builder> plan);

  /** Writes single items, for the ledger. */
  CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan);

  /** Reads items of the leader's newest state, for the ledger. */
  CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan);

  /** Runs a short task later. */
  void later(long millis, Runnable task);

  /** Milliseconds since the epoch. */
  long nowMillis();
}
