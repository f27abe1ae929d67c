package io.equator.coordinator.regions;

import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationResolvedRequest;
import io.equator.proto.ReplicationResolvedResponse;
import io.equator.proto.ReplicationServiceGrpc;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inbox as other regions call it. */
public final class ReplicationEndpoint extends ReplicationServiceGrpc.ReplicationServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationEndpoint.class);

  private final Inbox inbox;
  private final Supplier<CatalogSnapshot> catalog;
  private final ProgressReader progress;

  /** Serves an inbox, and says how far this region's own changes are. */
  public ReplicationEndpoint(
      Inbox inbox, Supplier<CatalogSnapshot> catalog, ProgressReader progress) {
    this.inbox = inbox;
    this.catalog = catalog;
    this.progress = progress;
  }

  @Override
  public void resolved(
      ReplicationResolvedRequest request, StreamObserver<ReplicationResolvedResponse> caller) {
    CatalogSnapshot snapshot = catalog.get();
    boolean member =
        GlobalTables.refusal(snapshot, request.getSource())
            == ReplicateResponse.Outcome.OUTCOME_UNSPECIFIED;
    long resolved =
        GlobalTables.find(snapshot, request.getSource().getGlobalTableId())
            .filter(_ -> member)
            .filter(table -> knowsTheSame(snapshot, table, request))
            .map(progress::resolved)
            .orElse(0L);
    caller.onNext(ReplicationResolvedResponse.newBuilder().setResolved(resolved).build());
    caller.onCompleted();
  }

  private static boolean knowsTheSame(
      CatalogSnapshot snapshot, TableView table, ReplicationResolvedRequest request) {
    String self = snapshot.cluster().map(ClusterDescriptor::getRegion).orElse("");
    return request.getRegionsCount() == 0
        || GlobalTables.regions(table, self).equals(new TreeSet<>(request.getRegionsList()));
  }

  @Override
  public void apply(ReplicateRequest request, StreamObserver<ReplicateResponse> caller) {
    answer(inbox.apply(request), caller);
  }

  @Override
  public void cursor(
      ReplicationCursorRequest request, StreamObserver<ReplicationCursorResponse> caller) {
    answer(inbox.cursor(request), caller);
  }

  @Override
  public void versions(
      RegionVersionsRequest request, StreamObserver<RegionVersionsResponse> caller) {
    if (request.getKeysCount() > VersionLookup.KEYS_MAX) {
      caller.onError(Status.INVALID_ARGUMENT.withDescription("too many keys").asRuntimeException());
      return;
    }
    answer(inbox.versions(request), caller);
  }

  private static <T> void answer(CompletableFuture<T> future, StreamObserver<T> caller) {
    var _ =
        future.whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                LOG.error("a call of another region failed", failure);
                caller.onError(Status.INTERNAL.asRuntimeException());
                return;
              }
              try {
                caller.onNext(answer);
                caller.onCompleted();
              } catch (RuntimeException e) {
                LOG.debug("another region does not listen any more", e);
              }
            });
  }
}
