package io.equator.coordinator.router;

import io.equator.model.error.ApiError;
import io.equator.partitioner.Partition;
import io.equator.proto.ItemWrite;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Redirect;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Writes of one partition. The request id and the time of the first attempt are equal in every
 * attempt.
 */
final class WriteCall extends PartitionCall<WriteRequest.Builder, WriteResponse, WriteResults> {
  private final long requestIdHigh;
  private final long requestIdLow;
  private final long firstSentMillis;

  WriteCall(Router router, Plan<WriteRequest.Builder> plan, long requestIdHigh, long requestIdLow) {
    super(router, plan, true);
    this.requestIdHigh = requestIdHigh;
    this.requestIdLow = requestIdLow;
    this.firstSentMillis = router.nowMillis();
  }

  @Override
  void send(NodeServiceStub stub, Partition partition, WriteRequest.Builder request, int attempt) {
    stub.write(
        request
            .setPartition(PartitionRefs.of(partition))
            .setRequestIdHigh(requestIdHigh)
            .setRequestIdLow(requestIdLow)
            .setAttempt(attempt)
            .setFirstSentMillis(firstSentMillis)
            .setTrace(trace)
            .build(),
        this);
  }

  @Override
  @Nullable ApiError throttled(
      CatalogSnapshot snapshot, WriteRequest.Builder request, boolean first) {
    for (ItemWrite.Builder write : request.getWritesBuilderList()) {
      ApiError refusal = router.metering().write(snapshot, write, first);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  @Override
  void metered(CatalogSnapshot snapshot, WriteRequest.Builder request, WriteResults results) {
    for (int i = 0; i < results.getResultsCount(); i++) {
      router.metering().tookWrite(snapshot, request.getWrites(i), results.getResults(i));
    }
  }

  @Override
  @Nullable Redirect redirectOf(WriteResponse answer) {
    return answer.hasResults() ? null : answer.getRedirect();
  }

  @Override
  WriteResults resultsOf(WriteResponse answer) {
    return answer.getResults();
  }
}
