package io.equator.node.service;

import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.Redirects;
import io.equator.node.core.SplitRows;
import io.equator.node.core.StoreView;
import io.equator.partitioner.NodeId;
import io.equator.proto.ActivatePartition;
import io.equator.proto.ActivateRequest;
import io.equator.proto.ActivateResponse;
import io.equator.proto.Effect;
import io.equator.proto.Heir;
import io.equator.proto.LeadRequest;
import io.equator.proto.LeadResponse;
import io.equator.proto.Redirect;
import io.equator.proto.SealPartition;
import io.equator.proto.SealRequest;
import io.equator.proto.SealResponse;
import io.equator.proto.SealedPartition;
import io.equator.proto.SplitReplica;
import io.equator.proto.SplitServiceGrpc;
import io.equator.proto.SplitStatus;
import io.equator.proto.SplitStatusRequest;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a split that leaders make.
 *
 * <p><b>Why an heir is activated only when a leader of the parent has said that it is sealed.</b> A
 * leader may know that the seal is committed, have told the others, and not have applied it itself.
 * Were an heir active by then, a write that it acknowledged would not be in what that leader reads
 * for a strongly consistent read, and nothing would confirm the leader wrong. So {@link #seal}
 * answers when this leader has applied the seal and has been confirmed after that: whoever leads
 * the parent later is ready only behind the seal, whoever led it before is not confirmed any more.
 * {@link #activate} believes its caller, who has heard that.
 */
public final class SplitEndpoint extends SplitServiceGrpc.SplitServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(SplitEndpoint.class);

  /** What is known of a partition besides its replica here. */
  public interface Signs {
    /** Whether anybody reads the change log of a sealed partition still; asked at its leader. */
    boolean changesNeeded(HostedPartition sealed);

    /** Adds how big a partition is and how much is asked of it. */
    void add(HostedPartition replica, SplitReplica.Builder status);
  }

  private final HostedPartitions replicas;
  private final StoreView store;
  private final Signs signs;

  /** Answers for the replicas of a node. */
  public SplitEndpoint(HostedPartitions replicas, StoreView store, Signs signs) {
    this.replicas = replicas;
    this.store = store;
    this.signs = signs;
  }

  @Override
  public void status(SplitStatusRequest request, StreamObserver<SplitStatus> caller) {
    SplitStatus.Builder status = SplitStatus.newBuilder();
    for (long id : request.getPartitionIdsList()) {
      HostedPartition replica = replicas.partition(id);
      HostedPartition embryo = replicas.embryo(id);
      if (replica != null || embryo != null) {
        status.addReplicas(replica(replica != null ? replica : embryo));
      }
    }
    new Reply<>(caller).send(status.build());
  }

  private SplitReplica replica(@Nullable HostedPartition replica) {
    if (replica == null) {
      return SplitReplica.getDefaultInstance();
    }
    long id = replica.machine().partition();
    boolean sealed = replica.machine().sealed() != null;
    SplitReplica.Builder status =
        SplitReplica.newBuilder()
            .setPartitionId(id)
            .setLeads(replica.leads())
            .setTerm(replica.log().currentTerm())
            .setEmbryo(replica.machine().waits())
            .setHasParentsRows(replica.machine().hasParentsRows())
            .setSealed(sealed)
            .setAppliedIndex(replica.machine().appliedPosition().index())
            .setChangesNeeded(
                sealed
                    && (!hasHandedOver(replica)
                        || (replica.leads() && signs.changesNeeded(replica))));
    signs.add(replica, status);
    return status.build();
  }

  /**
   * Whether this node can do without a sealed partition's log: its heirs here are active, and that
   * is so after a loss of power, too. Otherwise the node would have to replay a log that the others
   * have thrown away.
   */
  private boolean hasHandedOver(HostedPartition parent) {
    SealedPartition sealed = parent.machine().sealed();
    if (sealed == null
        || !parent.machine().isSplitDurable()
        || SplitRows.isWaitedFor(store, parent.machine().partition())) {
      return false;
    }
    for (Heir heir : sealed.getHeirsList()) {
      HostedPartition active = replicas.partition(heir.getPartitionId());
      if (active != null && !active.machine().isSplitDurable()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void lead(LeadRequest request, StreamObserver<LeadResponse> caller) {
    HostedPartition embryo = replicas.embryo(request.getPartitionId());
    if (embryo != null && embryo.leads()) {
      embryo.log().transferTo(new NodeId(request.getToNodeId()));
    }
    new Reply<>(caller).send(LeadResponse.getDefaultInstance());
  }

  @Override
  public void seal(SealRequest request, StreamObserver<SealResponse> caller) {
    Reply<SealResponse> reply = new Reply<>(caller);
    HostedPartition parent = replicas.partition(request.getPartition().getPartitionId());
    Redirect refusal = refusal(parent, request.getPartition().getEpoch());
    if (refusal == null && parent != null && !tiles(parent.descriptor(), request.getSeal())) {
      refusal =
          Redirects.of(Redirect.Reason.REASON_UNSPECIFIED, "the heirs do not share out its tokens");
    }
    if (refusal != null || parent == null) {
      reply.send(notSealed(refusal));
      return;
    }
    if (parent.machine().sealed() != null) {
      confirm(parent, reply);
      return;
    }
    var _ =
        parent
            .writer()
            .submit(Effect.newBuilder().setSealPartition(request.getSeal()).build())
            .whenComplete((_, _) -> confirm(parent, reply));
  }

  /** Tells that the partition is sealed when it is, and this is its leader. */
  private static void confirm(HostedPartition parent, Reply<SealResponse> reply) {
    SealedPartition sealed = parent.machine().sealed();
    if (sealed == null) {
      reply.send(
          notSealed(Redirects.of(Redirect.Reason.UNAVAILABLE, "it is not known to be sealed")));
      return;
    }
    var _ =
        parent
            .log()
            .confirmLeadership()
            .whenComplete(
                (held, _) -> {
                  if (Boolean.TRUE.equals(held)) {
                    LOG.info(
                        "partition {} is sealed at {}",
                        parent.machine().partition(),
                        sealed.getIndex());
                    reply.send(SealResponse.newBuilder().setSealed(sealed).build());
                  } else {
                    reply.send(notSealed(Redirects.notLeader(parent.leaderHint())));
                  }
                });
  }

  private static SealResponse notSealed(@Nullable Redirect redirect) {
    return SealResponse.newBuilder()
        .setRedirect(redirect == null ? Redirect.getDefaultInstance() : redirect)
        .build();
  }

  private static boolean tiles(Descriptor parent, SealPartition seal) {
    long next = parent.firstToken();
    for (Heir heir : seal.getHeirsList()) {
      if (heir.getFirstToken() != next
          || Long.compareUnsigned(heir.getFirstToken(), heir.getLastToken()) > 0) {
        return false;
      }
      next = heir.getLastToken() + 1;
    }
    return seal.getHeirsCount() > 1 && next == parent.lastToken() + 1;
  }

  private static @Nullable Redirect refusal(@Nullable HostedPartition replica, long epoch) {
    if (replica == null || replica.descriptor().epoch() != epoch) {
      return Redirects.of(Redirect.Reason.WRONG_PARTITION, "no such partition and epoch here");
    }
    return replica.leads() ? null : Redirects.notLeader(replica.leaderHint());
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<ActivateResponse> caller) {
    Reply<ActivateResponse> reply = new Reply<>(caller);
    long id = request.getPartition().getPartitionId();
    if (replicas.partition(id) != null) {
      reply.send(ActivateResponse.getDefaultInstance());
      return;
    }
    HostedPartition embryo = replicas.embryo(id);
    Redirect refusal = refusal(embryo, request.getPartition().getEpoch());
    if (refusal == null && embryo != null && !embryo.machine().hasParentsRows()) {
      refusal =
          Redirects.of(Redirect.Reason.UNAVAILABLE, "the parent's rows are not in this store");
    }
    if (refusal != null || embryo == null) {
      reply.send(
          ActivateResponse.newBuilder()
              .setRedirect(refusal == null ? Redirect.getDefaultInstance() : refusal)
              .build());
      return;
    }
    ActivatePartition activate = request.getActivate();
    var _ =
        embryo
            .writer()
            .submit(Effect.newBuilder().setActivatePartition(activate).build())
            .whenComplete(
                (_, _) -> {
                  if (replicas.partition(id) != null) {
                    LOG.info(
                        "partition {} has taken over from {}", id, activate.getParentPartitionId());
                    reply.send(ActivateResponse.getDefaultInstance());
                  } else {
                    reply.send(
                        ActivateResponse.newBuilder()
                            .setRedirect(
                                Redirects.of(
                                    Redirect.Reason.UNAVAILABLE, "it is not known to be active"))
                            .build());
                  }
                });
  }
}
