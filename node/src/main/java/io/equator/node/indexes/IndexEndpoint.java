package io.equator.node.indexes;

import io.equator.node.core.ChangePosition;
import io.equator.node.core.IndexBuilds;
import io.equator.node.core.Redirects;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.Reply;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ApplyIndexResponse;
import io.equator.proto.ChangePlace;
import io.equator.proto.Effect;
import io.equator.proto.IndexBuild;
import io.equator.proto.IndexBuildsRequest;
import io.equator.proto.IndexBuildsResponse;
import io.equator.proto.IndexServiceGrpc;
import io.equator.proto.Redirect;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes rows of global indexes from the pumps of source partitions. */
public final class IndexEndpoint extends IndexServiceGrpc.IndexServiceImplBase {
  private final HostedPartitions partitions;
  private final Supplier<CatalogSnapshot> catalog;

  /** Serves the partitions of a node. */
  public IndexEndpoint(HostedPartitions partitions, Supplier<CatalogSnapshot> catalog) {
    this.partitions = partitions;
    this.catalog = catalog;
  }

  @Override
  public void apply(ApplyIndexRequest request, StreamObserver<ApplyIndexResponse> caller) {
    Reply<ApplyIndexResponse> reply = new Reply<>(caller);
    HostedPartition target = partitions.partition(request.getPartition().getPartitionId());
    Redirect refusal = refusal(request, target);
    if (refusal != null || target == null) {
      reply.send(redirected(refusal));
      return;
    }
    if (!request.hasChanges()) {
      // Asking is answered by a leader that still is one: a former one has an old cursor.
      var _ =
          target
              .log()
              .confirmLeadership()
              .whenComplete(
                  (held, _) ->
                      reply.send(
                          Boolean.TRUE.equals(held)
                              ? cursor(target, request)
                              : redirected(Redirects.notLeader(target.leaderHint()))));
      return;
    }
    Optional<Redirect> full = partitions.refusesWrites(target);
    if (full.isPresent()) {
      // The pump waits and asks again; the base table's change log keeps what is not here yet.
      reply.send(redirected(full.get()));
      return;
    }
    var _ =
        target
            .writer()
            .submit(Effect.newBuilder().setApplyIndex(request.getChanges()).build())
            .whenComplete(
                (applied, _) ->
                    reply.send(
                        Boolean.TRUE.equals(applied)
                            ? cursor(target, request)
                            : redirected(
                                Redirects.of(
                                    Redirect.Reason.UNAVAILABLE, "the rows were not applied"))));
  }

  private @Nullable Redirect refusal(ApplyIndexRequest request, @Nullable HostedPartition target) {
    if (partitions.unfit().isPresent()) {
      return Redirects.of(Redirect.Reason.UNAVAILABLE, partitions.unfit().get());
    }
    if (target == null || target.descriptor().epoch() != request.getPartition().getEpoch()) {
      return Redirects.of(Redirect.Reason.WRONG_PARTITION, "no such partition and epoch here");
    }
    if (target.machine().sealed() != null) {
      return Redirects.of(Redirect.Reason.WRONG_PARTITION, "the partition has been split");
    }
    if (!target.leads()) {
      return Redirects.notLeader(target.leaderHint());
    }
    boolean known =
        catalog
            .get()
            .table(request.getTableId())
            .map(
                table ->
                    table.globalIndexes().stream()
                        .mapToInt(IndexView::id)
                        .anyMatch(id -> id == request.getIndexId()))
            .orElse(false);
    return known ? null : Redirects.of(Redirect.Reason.UNKNOWN_TABLE, "no such index here");
  }

  private static ApplyIndexResponse redirected(@Nullable Redirect redirect) {
    return ApplyIndexResponse.newBuilder()
        .setRedirect(redirect == null ? Redirect.getDefaultInstance() : redirect)
        .build();
  }

  private static ApplyIndexResponse cursor(HostedPartition target, ApplyIndexRequest request) {
    ChangePosition cursor =
        target
            .machine()
            .indexCursor(request.getTableId(), request.getIndexId(), request.getSourcePartition());
    return ApplyIndexResponse.newBuilder()
        .setCursor(
            ChangePlace.newBuilder().setLogIndex(cursor.index()).setPosition(cursor.position()))
        .build();
  }

  @Override
  public void builds(IndexBuildsRequest request, StreamObserver<IndexBuildsResponse> caller) {
    IndexBuildsResponse.Builder response = IndexBuildsResponse.newBuilder();
    for (HostedPartition partition : partitions.all()) {
      if (!partition.leadsOwner()) {
        continue;
      }
      IndexBuild.Builder build =
          IndexBuild.newBuilder().setPartitionId(partition.machine().partition());
      IndexBuilds.Build state =
          partition.machine().indexBuild(request.getTableId(), request.getIndexId());
      if (state != null) {
        build
            .setDone(state.step().getDone())
            .setWalked(state.step().getWalked())
            .setViolations(state.step().getViolations());
      }
      response.addBuilds(build);
    }
    new Reply<>(caller).send(response.build());
  }
}
