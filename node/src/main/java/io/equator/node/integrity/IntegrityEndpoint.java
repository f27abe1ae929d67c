package io.equator.node.integrity;

import io.equator.node.core.Redirects;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.Reply;
import io.equator.proto.DigestRequest;
import io.equator.proto.DigestResponse;
import io.equator.proto.DigestResponse.Outcome;
import io.equator.proto.IntegrityServiceGrpc;
import io.equator.proto.PartitionRef;
import io.equator.proto.Redirect;
import io.equator.proto.RepairRequest;
import io.equator.proto.RepairResponse;
import io.equator.proto.ScrubRequest;
import io.equator.proto.ScrubResponse;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** Tells what this node's replicas are, and takes out one that differs from a majority. */
public final class IntegrityEndpoint extends IntegrityServiceGrpc.IntegrityServiceImplBase {
  /** Takes replicas out of service and has them made anew; all methods return at once. */
  public interface Repairs {
    /** The state of one partition is other than it should be. */
    void replace(long partition);

    /** The store cannot be read any more. */
    void rebuild();
  }

  private final HostedPartitions partitions;
  private final Digests digests;
  private final Scrubber scrubber;
  private final Repairs repairs;

  /** Serves a node. */
  public IntegrityEndpoint(
      HostedPartitions partitions, Digests digests, Scrubber scrubber, Repairs repairs) {
    this.partitions = partitions;
    this.digests = digests;
    this.scrubber = scrubber;
    this.repairs = repairs;
  }

  @Override
  public void digest(DigestRequest request, StreamObserver<DigestResponse> caller) {
    DigestResponse known =
        digests.get(request.getPartition().getPartitionId(), request.getDigestId());
    boolean away = known.getOutcome() == Outcome.UNKNOWN && hosted(request.getPartition()) == null;
    new Reply<>(caller).send(away ? known.toBuilder().setOutcome(Outcome.AWAY).build() : known);
  }

  @Override
  public void repair(RepairRequest request, StreamObserver<RepairResponse> caller) {
    long partition = request.getPartition().getPartitionId();
    DigestResponse own = digests.get(partition, request.getDigestId());
    RepairResponse.Builder response = RepairResponse.newBuilder();
    if (request.getFamiliesCount() == 0 || !Comparison.differs(own, request.getFamiliesList())) {
      response.setDetail("this replica does not differ, or does not know: " + own.getOutcome());
    } else if (hosted(request.getPartition()) == null) {
      response.setDetail("this replica is not in service");
    } else {
      if (own.getUnreadable()) {
        repairs.rebuild();
      } else {
        repairs.replace(partition);
      }
      scrubber.countCondemned();
      response.setBegun(true);
    }
    new Reply<>(caller).send(response.build());
  }

  @Override
  public void scrub(ScrubRequest request, StreamObserver<ScrubResponse> caller) {
    Reply<ScrubResponse> reply = new Reply<>(caller);
    HostedPartition partition = hosted(request.getPartition());
    if (partition == null) {
      reply.send(
          redirected(
              Redirects.of(Redirect.Reason.WRONG_PARTITION, "no such partition and epoch here")));
    } else if (!partition.leads()) {
      reply.send(redirected(Redirects.notLeader(partition.leaderHint())));
    } else {
      Thread.ofVirtual().start(() -> scrub(partition, reply));
    }
  }

  private void scrub(HostedPartition partition, Reply<ScrubResponse> reply) {
    try {
      reply.send(scrubber.scrub(partition));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reply.send(redirected(Redirects.of(Redirect.Reason.UNAVAILABLE, "the node closes")));
    }
  }

  private @Nullable HostedPartition hosted(PartitionRef reference) {
    HostedPartition partition = partitions.partition(reference.getPartitionId());
    return partition != null && partition.descriptor().epoch() == reference.getEpoch()
        ? partition
        : null;
  }

  private static ScrubResponse redirected(Redirect redirect) {
    return ScrubResponse.newBuilder().setRedirect(redirect).build();
  }
}
