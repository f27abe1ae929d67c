package io.equator.coordinator.router;

import io.equator.model.error.ApiError;
import io.equator.partitioner.Partition;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.proto.PrepareResults;
import io.equator.proto.Redirect;
import io.equator.proto.TransactAction;
import io.equator.proto.TransactionServiceGrpc.TransactionServiceStub;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * One partition's part of a transaction, or a whole one. The transaction's id makes it safe to ask
 * again.
 */
final class PrepareCall
    extends PartitionCall<PrepareRequest.Builder, PrepareResponse, PrepareResults> {
  private final boolean whole;

  PrepareCall(Router router, Plan<PrepareRequest.Builder> plan, boolean whole) {
    super(router, plan, true);
    this.whole = whole;
  }

  @Override
  void send(
      NodeServiceStub stub, Partition partition, PrepareRequest.Builder request, int attempt) {
    PrepareRequest sent =
        request
            .setPartition(PartitionRefs.of(partition))
            .setTrace(trace)
            .setAttempt(attempt)
            .build();
    TransactionServiceStub service = TransactionStubs.of(stub);
    if (whole) {
      service.transactWrite(sent, this);
    } else {
      service.prepare(sent, this);
    }
  }

  @Override
  @Nullable ApiError throttled(
      CatalogSnapshot snapshot, PrepareRequest.Builder request, boolean first) {
    for (TransactAction.Builder action : request.getActionsBuilderList()) {
      ApiError refusal = router.metering().write(snapshot, action.getWriteBuilder(), first);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  @Override
  void metered(CatalogSnapshot snapshot, PrepareRequest.Builder request, PrepareResults results) {
    for (int i = 0; i < results.getActionsCount(); i++) {
      router
          .metering()
          .tookAction(snapshot, request.getActions(i).getWrite(), results.getActions(i));
    }
  }

  @Override
  @Nullable Redirect redirectOf(PrepareResponse answer) {
    return answer.hasResults() ? null : answer.getRedirect();
  }

  @Override
  PrepareResults resultsOf(PrepareResponse answer) {
    return answer.getResults();
  }
}
