package io.equator.coordinator.router;

import io.equator.partitioner.Partition;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResponse;
import io.equator.proto.FinishResults;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Redirect;
import org.jspecify.annotations.Nullable;

/** The end of a transaction in one partition. */
final class FinishCall extends PartitionCall<FinishRequest.Builder, FinishResponse, FinishResults> {
  FinishCall(Router router, Plan<FinishRequest.Builder> plan) {
    super(router, plan, true);
  }

  @Override
  void send(NodeServiceStub stub, Partition partition, FinishRequest.Builder request, int attempt) {
    TransactionStubs.of(stub)
        .finish(request.setPartition(PartitionRefs.of(partition)).setTrace(trace).build(), this);
  }

  @Override
  @Nullable Redirect redirectOf(FinishResponse answer) {
    return answer.hasResults() ? null : answer.getRedirect();
  }

  @Override
  FinishResults resultsOf(FinishResponse answer) {
    return answer.getResults();
  }
}
