package io.equator.coordinator.router;

import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.partitioner.Partition;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.ReadPageResponse;
import io.equator.proto.Redirect;
import io.equator.replication.catalog.CatalogSnapshot;
import org.jspecify.annotations.Nullable;

/** One page of a range of one partition. */
final class PageCall extends PartitionCall<ReadPageRequest.Builder, ReadPageResponse, Page> {
  private final boolean consistent;

  PageCall(Router router, Plan<ReadPageRequest.Builder> plan, boolean consistent) {
    super(router, plan, consistent);
    this.consistent = consistent;
  }

  @Override
  void send(
      NodeServiceStub stub, Partition partition, ReadPageRequest.Builder request, int attempt) {
    stub.readPage(
        request
            .setPartition(PartitionRefs.of(partition))
            .setConsistent(consistent)
            .setTrace(trace)
            .build(),
        this);
  }

  @Override
  @Nullable ApiError throttled(
      CatalogSnapshot snapshot, ReadPageRequest.Builder request, boolean first) {
    return first ? router.metering().page(snapshot, request) : null;
  }

  @Override
  void metered(CatalogSnapshot snapshot, ReadPageRequest.Builder request, Page page) {
    router.metering().tookPage(snapshot, request, page, ReadMode.of(consistent));
  }

  @Override
  @Nullable Redirect redirectOf(ReadPageResponse answer) {
    return answer.hasPage() ? null : answer.getRedirect();
  }

  @Override
  Page resultsOf(ReadPageResponse answer) {
    return answer.getPage();
  }
}
