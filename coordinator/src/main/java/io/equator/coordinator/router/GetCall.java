package io.equator.coordinator.router;

import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.partitioner.Partition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.GetResults;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Redirect;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/** Point reads of one partition. */
final class GetCall extends PartitionCall<GetRequest.Builder, GetResponse, GetResults> {
  private final boolean consistent;

  GetCall(Router router, Plan<GetRequest.Builder> plan, boolean consistent) {
    super(router, plan, consistent);
    this.consistent = consistent;
  }

  @Override
  void send(NodeServiceStub stub, Partition partition, GetRequest.Builder request, int attempt) {
    stub.get(
        request
            .setPartition(PartitionRefs.of(partition))
            .setConsistent(consistent)
            .setTrace(trace)
            .build(),
        this);
  }

  @Override
  @Nullable ApiError throttled(
      CatalogSnapshot snapshot, GetRequest.Builder request, boolean first) {
    return first ? router.metering().gets(snapshot, request.getGetsList()) : null;
  }

  @Override
  void metered(CatalogSnapshot snapshot, GetRequest.Builder request, GetResults results) {
    for (int i = 0; i < results.getResultsCount(); i++) {
      router
          .metering()
          .tookGet(snapshot, request.getGets(i), results.getResults(i), ReadMode.of(consistent));
    }
  }

  @Override
  @Nullable Redirect redirectOf(GetResponse answer) {
    return answer.hasResults() ? null : answer.getRedirect();
  }

  @Override
  GetResults resultsOf(GetResponse answer) {
    return answer.getResults();
  }
}
