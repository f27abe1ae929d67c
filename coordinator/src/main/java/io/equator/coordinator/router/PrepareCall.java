package io.equator.coordinator.router;

import io.equator.partitioner.Partition;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.proto.PrepareResults;
import io.equator.proto.Redirect;
import io.equator.proto.TransactionServiceGrpc.TransactionServiceStub;
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
  @Nullable Redirect redirectOf(PrepareResponse answer) {
    return answer.hasResults() ? null : answer.getRedirect();
  }

  @Override
  PrepareResults resultsOf(PrepareResponse answer) {
    return answer.getResults();
  }
}
