package io.equator.node.indexes;

import io.equator.node.core.ChangePosition;
import io.equator.node.core.IndexBuilds;
import io.equator.node.core.Redirects;
import io.equator.node.core.StoreException;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.Reply;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ApplyIndexResponse;
import io.equator.proto.ChangePlace;
import io.equator.proto.CheckIndexRequest;
import io.equator.proto.CheckIndexResponse;
import io.equator.proto.CompareIndexRequest;
import io.equator.proto.CompareIndexResponse;
import io.equator.proto.Effect;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.IndexBuild;
import io.equator.proto.IndexBuildsRequest;
import io.equator.proto.IndexBuildsResponse;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowVerdicts;
import io.equator.proto.IndexServiceGrpc;
import io.equator.proto.PartitionRef;
import io.equator.proto.Redirect;
import io.equator.proto.ScrubIndexRequest;
import io.equator.proto.ScrubIndexResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes rows of global indexes from the pumps of source partitions, and compares them. */
public final class IndexEndpoint extends IndexServiceGrpc.IndexServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(IndexEndpoint.class);

  private final HostedPartitions partitions;
  private final Supplier<CatalogSnapshot> catalog;
  private final @Nullable IndexPumps pumps;
  private final @Nullable IndexScrubber scrubber;

  /** Serves partitions of which nothing is compared. */
  public IndexEndpoint(HostedPartitions partitions, Supplier<CatalogSnapshot> catalog) {
    this.partitions = partitions;
    this.catalog = catalog;
    this.pumps = null;
    this.scrubber = null;
  }

  /** Serves the partitions of a node. */
  public IndexEndpoint(
      HostedPartitions partitions,
      Supplier<CatalogSnapshot> catalog,
      IndexPumps pumps,
      IndexScrubber scrubber) {
    this.partitions = partitions;
    this.catalog = catalog;
    this.pumps = pumps;
    this.scrubber = scrubber;
  }

  @Override
  public void apply(ApplyIndexRequest request, StreamObserver<ApplyIndexResponse> caller) {
    Reply<ApplyIndexResponse> reply = new Reply<>(caller);
    HostedPartition target = partitions.partition(request.getPartition().getPartitionId());
    Redirect refusal =
        refusal(request.getPartition(), request.getTableId(), request.getIndexId(), target);
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

  private @Nullable Redirect refusal(
      PartitionRef partition, int tableId, int indexId, @Nullable HostedPartition target) {
    if (partitions.unfit().isPresent()) {
      return Redirects.of(Redirect.Reason.UNAVAILABLE, partitions.unfit().get());
    }
    if (target == null || target.descriptor().epoch() != partition.getEpoch()) {
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
            .table(tableId)
            .map(
                table ->
                    table.globalIndexes().stream()
                        .mapToInt(IndexView::id)
                        .anyMatch(id -> id == indexId))
            .orElse(false);
    return known ? null : Redirects.of(Redirect.Reason.UNKNOWN_TABLE, "no such index here");
  }

  private static ApplyIndexResponse redirected(@Nullable Redirect redirect) {
    return ApplyIndexResponse.newBuilder().setRedirect(sure(redirect)).build();
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
  public void compare(CompareIndexRequest request, StreamObserver<CompareIndexResponse> caller) {
    Reply<CompareIndexResponse> reply = new Reply<>(caller);
    HostedPartition target = partitions.partition(request.getPartition().getPartitionId());
    Redirect refusal =
        refusal(request.getPartition(), request.getTableId(), request.getIndexId(), target);
    if (refusal != null || target == null) {
      reply.send(CompareIndexResponse.newBuilder().setRedirect(sure(refusal)).build());
      return;
    }
    // Confirmed first, read then: see ReplicatedLog.
    CompletableFuture<Boolean> held = target.log().confirmLeadership();
    IndexRowVerdicts.Builder verdicts = IndexRowVerdicts.newBuilder();
    try {
      for (GlobalIndexRow row : request.getRowsList()) {
        byte[] stored =
            target.reader().indexRow(request.getTableId(), request.getIndexId(), row.getKey());
        verdicts.addRows(IndexChecks.verdict(row, stored));
      }
    } catch (StoreException e) {
      LOG.error("rows of partition {} cannot be compared", target.machine().partition(), e);
      Redirect unreadable = Redirects.of(Redirect.Reason.UNAVAILABLE, "rows cannot be read");
      reply.send(CompareIndexResponse.newBuilder().setRedirect(unreadable).build());
      return;
    }
    var _ =
        held.whenComplete(
            (leads, _) ->
                reply.send(
                    Boolean.TRUE.equals(leads)
                        ? CompareIndexResponse.newBuilder().setVerdicts(verdicts).build()
                        : CompareIndexResponse.newBuilder()
                            .setRedirect(Redirects.notLeader(target.leaderHint()))
                            .build()));
  }

  @Override
  public void check(CheckIndexRequest request, StreamObserver<CheckIndexResponse> caller) {
    Reply<CheckIndexResponse> reply = new Reply<>(caller);
    HostedPartition source = partitions.partition(request.getPartition().getPartitionId());
    Redirect refusal =
        refusal(request.getPartition(), request.getTableId(), request.getIndexId(), source);
    if (refusal != null || source == null) {
      reply.send(CheckIndexResponse.newBuilder().setRedirect(sure(refusal)).build());
      return;
    }
    Optional<CompletableFuture<IndexDifferences>> done =
        pumps == null
            ? Optional.empty()
            : pumps.check(
                source.machine().partition(),
                request.getTableId(),
                request.getIndexId(),
                request.getRowsList());
    if (done.isEmpty()) {
      Redirect busy = Redirects.of(Redirect.Reason.OVERLOADED, "no pump has room for it");
      reply.send(CheckIndexResponse.newBuilder().setRedirect(busy).build());
      return;
    }
    var _ =
        done.get()
            .whenComplete(
                (differences, failure) ->
                    reply.send(
                        failure == null
                            ? CheckIndexResponse.newBuilder().setDifferences(differences).build()
                            : CheckIndexResponse.newBuilder()
                                .setRedirect(
                                    Redirects.of(Redirect.Reason.UNAVAILABLE, failure.toString()))
                                .build()));
  }

  @Override
  public void scrub(ScrubIndexRequest request, StreamObserver<ScrubIndexResponse> caller) {
    Reply<ScrubIndexResponse> reply = new Reply<>(caller);
    HostedPartition partition = partitions.partition(request.getPartition().getPartitionId());
    Redirect refusal =
        refusal(request.getPartition(), request.getTableId(), request.getIndexId(), partition);
    if (refusal != null || partition == null) {
      reply.send(ScrubIndexResponse.newBuilder().setRedirect(sure(refusal)).build());
      return;
    }
    IndexScrubber comparing = scrubber;
    if (comparing == null) {
      Redirect none = Redirects.of(Redirect.Reason.UNAVAILABLE, "nothing is compared here");
      reply.send(ScrubIndexResponse.newBuilder().setRedirect(none).build());
      return;
    }
    Thread.ofVirtual()
        .start(
            () ->
                reply.send(comparing.scrub(partition, request.getTableId(), request.getIndexId())));
  }

  private static Redirect sure(@Nullable Redirect redirect) {
    return redirect == null ? Redirect.getDefaultInstance() : redirect;
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
