package io.equator.coordinator.router;

import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.partitioner.Partition;
import io.equator.proto.GetRequest;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Redirect;
import io.equator.proto.TransactReadResponse;
import io.equator.proto.TransactReadResults;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/** Reads of one partition with versions and locks. */
final class TransactReadCall
    extends PartitionCall<GetRequest.Builder, TransactReadResponse, TransactReadResults> {
  TransactReadCall(Router router, Plan<GetRequest.Builder> plan) {
    super(router, plan, true);
  }

  @Override
  void send(NodeServiceStub stub, Partition partition, GetRequest.Builder request, int attempt) {
    TransactionStubs.of(stub)
        .transactRead(
            request
                .setPartition(PartitionRefs.of(partition))
                .setTrace(trace)
                .setConsistent(true)
                .build(),
            this);
  }

  @Override
  @Nullable ApiError throttled(
      CatalogSnapshot snapshot, GetRequest.Builder request, boolean first) {
    return first ? router.metering().gets(snapshot, request.getGetsList()) : null;
  }

  /** However many rounds a transaction takes, it is charged for one. */
  @Override
  void metered(CatalogSnapshot snapshot, GetRequest.Builder request, TransactReadResults results) {
    for (int i = 0; i < results.getResultsCount(); i++) {
      router
          .metering()
          .tookGet(
              snapshot,
              request.getGets(i),
              results.getResults(i).getResult(),
              ReadMode.TRANSACTIONAL);
    }
  }

  @Override
  @Nullable Redirect redirectOf(TransactReadResponse answer) {
    return answer.hasResults() ? null : answer.getRedirect();
  }

  @Override
  TransactReadResults resultsOf(TransactReadResponse answer) {
    return answer.getResults();
  }
}
