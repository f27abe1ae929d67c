package io.equator.coordinator.catalog;

import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogEntry;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogReadRequest;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.CatalogWatchRequest;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The gRPC face of one catalog member.
 *
 * <p>Reads are linearizable: the member confirms that it leads after the read arrived. Commits go
 * through the log. A watch is served by any member, from its own applied state, so it may lag but
 * never goes back.
 */
public final class CatalogEndpoint extends CatalogServiceGrpc.CatalogServiceImplBase {
  private final ReplicatedLog log;
  private final CatalogMachine machine;
  private final Executor sender;

  /**
   * Serves {@code machine}, which {@code log} drives.
   *
   * @param sender runs the sending to watchers; for example one virtual thread per task
   */
  public CatalogEndpoint(ReplicatedLog log, CatalogMachine machine, Executor sender) {
    this.log = log;
    this.machine = machine;
    this.sender = sender;
  }

  @Override
  public void read(CatalogReadRequest request, StreamObserver<CatalogReadResponse> answer) {
    var _ =
        log.confirmLeadership()
            .whenComplete(
                (leads, failure) -> {
                  if (failure != null) {
                    answer.onError(Status.UNAVAILABLE.withCause(failure).asRuntimeException());
                    return;
                  }
                  CatalogReadResponse.Builder response = CatalogReadResponse.newBuilder();
                  if (leads) {
                    CatalogMachine.Objects objects = machine.read(request.getKeysList());
                    response.setRevision(objects.revision()).addAllObjects(objects.objects());
                  } else {
                    response.setLeaderNodeId(leaderHint().map(NodeId::value).orElse(""));
                  }
                  answer.onNext(response.build());
                  answer.onCompleted();
                });
  }

  @Override
  public void commit(CatalogCommitRequest request, StreamObserver<CatalogCommitResponse> answer) {
    switch (log.leadership()) {
      case Leadership.Leader leader -> {
        var _ =
            log.propose(
                    leader.term(),
                    CatalogEntry.newBuilder().setCommit(request).build().toByteString())
                .whenComplete(
                    (proposal, failure) -> {
                      answer.onNext(failure == null ? toResponse(proposal) : indeterminate());
                      answer.onCompleted();
                    });
      }
      case Leadership.Follower follower -> {
        answer.onNext(notLeader(follower.leader()));
        answer.onCompleted();
      }
    }
  }

  private static CatalogCommitResponse toResponse(Proposal proposal) {
    return switch (proposal) {
      case Proposal.Applied applied -> (CatalogCommitResponse) applied.result();
      case Proposal.NotLeader other -> notLeader(other.leader());
      // Nothing was appended; the caller tries again as it does when there is no leader yet.
      case Proposal.Overloaded _ -> notLeader(Optional.empty());
      case Proposal.Indeterminate _ -> indeterminate();
    };
  }

  private static CatalogCommitResponse notLeader(Optional<NodeId> leader) {
    return CatalogCommitResponse.newBuilder()
        .setOutcome(Outcome.NOT_LEADER)
        .setLeaderNodeId(leader.map(NodeId::value).orElse(""))
        .build();
  }

  private static CatalogCommitResponse indeterminate() {
    return CatalogCommitResponse.newBuilder().setOutcome(Outcome.INDETERMINATE).build();
  }

  private Optional<NodeId> leaderHint() {
    return switch (log.leadership()) {
      case Leadership.Leader _ -> Optional.empty();
      case Leadership.Follower follower -> follower.leader();
    };
  }

  @Override
  public void watch(CatalogWatchRequest request, StreamObserver<CatalogEvent> answer) {
    ServerCallStreamObserver<CatalogEvent> stream = (ServerCallStreamObserver<CatalogEvent>) answer;
    CatalogWatcher watcher = new CatalogWatcher(stream, sender);
    // The handlers come first: a stream may be cancelled before the first event is queued.
    stream.setOnReadyHandler(watcher::wake);
    AtomicReference<Runnable> unwatch = new AtomicReference<>(() -> {});
    stream.setOnCancelHandler(
        () -> {
          watcher.end();
          unwatch.get().run();
        });
    unwatch.set(machine.watch(watcher::offer));
    if (stream.isCancelled()) {
      unwatch.get().run();
    }
  }
}
