package io.equator.node.service;

import com.google.protobuf.ByteString;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.PartitionMachine;
import io.equator.partitioner.NodeId;
import io.equator.proto.ChangeMembersRequest;
import io.equator.proto.ChangeMembersResponse;
import io.equator.proto.ChangeMembersResponse.Outcome;
import io.equator.proto.CountedMembersRequest;
import io.equator.proto.CountedMembersResponse;
import io.equator.proto.Member;
import io.equator.proto.MembershipServiceGrpc;
import io.equator.proto.NodeStatus;
import io.equator.proto.NodeStatusRequest;
import io.equator.proto.ReplicaStatus;
import io.equator.proto.TransferLeadershipRequest;
import io.equator.proto.TransferLeadershipResponse;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Says how this node is, and changes the members of the groups that it leads, the catalog's too.
 *
 * <p>Everything told is this node's own view at this moment; who asks all nodes knows more than any
 * of them.
 */
public final class MembershipEndpoint extends MembershipServiceGrpc.MembershipServiceImplBase {

  /**
   * What does not change while the process runs.
   *
   * @param incarnation of its folder, 16 bytes
   * @param version of the program
   * @param startedMillis since the epoch
   */
  public record Self(NodeId node, ByteString incarnation, String version, long startedMillis) {}

  private final Self self;
  private final HostedPartitions partitions;
  private final LogHost logs;
  private final LongSupplier catalogRevision;
  private final LongSupplier wallMillis;
  private final LongSupplier certificateEndsMillis;

  /**
   * The view of this node.
   *
   * @param certificateEndsMillis since the epoch; 0 in a cluster without certificates
   */
  public MembershipEndpoint(
      Self self,
      HostedPartitions partitions,
      LogHost logs,
      LongSupplier catalogRevision,
      LongSupplier wallMillis,
      LongSupplier certificateEndsMillis) {
    this.certificateEndsMillis = certificateEndsMillis;
    this.self = self;
    this.partitions = partitions;
    this.logs = logs;
    this.catalogRevision = catalogRevision;
    this.wallMillis = wallMillis;
  }

  @Override
  public void status(NodeStatusRequest request, StreamObserver<NodeStatus> answer) {
    NodeStatus.Builder status =
        NodeStatus.newBuilder()
            .setNodeId(self.node.value())
            .setIncarnation(self.incarnation)
            .setVersion(self.version)
            .setStartedMillis(self.startedMillis)
            .setNowMillis(wallMillis.getAsLong())
            .setUnfit(partitions.unfit().orElse(""))
            .setStrained(partitions.strained().orElse(""))
            .setCertificateEndsMillis(certificateEndsMillis.getAsLong())
            .setCatalogRevision(catalogRevision.getAsLong());
    partitions.all().stream()
        .sorted(Comparator.comparingLong(replica -> replica.machine().partition()))
        .forEach(replica -> status.addReplicas(replica(replica)));
    partitions
        .embryos()
        .forEach(waiting -> status.addWaitingPartitionIds(waiting.machine().partition()));
    logs.replica(GroupId.CATALOG).ifPresent(log -> status.setCatalog(log(0, log)));
    answer.onNext(status.build());
    answer.onCompleted();
  }

  private ReplicaStatus.Builder replica(HostedPartition replica) {
    PartitionMachine machine = replica.machine();
    long items = 0;
    long bytes = 0;
    for (int table : machine.tables()) {
      Counters counters = machine.counters(table, 0);
      items += counters.items();
      bytes += counters.bytes();
    }
    return log(machine.partition(), replica.log())
        .setAppliedIndex(machine.appliedPosition().index())
        .setItemCount(items)
        .setSizeBytes(bytes);
  }

  private ReplicaStatus.Builder log(long partition, ReplicatedLog log) {
    ReplicaStatus.Builder status =
        ReplicaStatus.newBuilder().setPartitionId(partition).setTerm(log.currentTerm());
    switch (log.leadership()) {
      case Leadership.Leader(_, boolean ready) ->
          status.setLeads(ready).setLeaderNodeId(self.node.value());
      case Leadership.Follower(_, Optional<NodeId> leader) ->
          leader.ifPresent(id -> status.setLeaderNodeId(id.value()));
    }
    // In this order: what is told as settled are these members, or the change shows.
    log.members().forEach(member -> status.addMemberNodeIds(member.value()));
    status.setMembersChanging(log.areMembersChanging());
    return status;
  }

  @Override
  public void changeMembers(
      ChangeMembersRequest request, StreamObserver<ChangeMembersResponse> answer) {
    Optional<ReplicatedLog> log = logs.replica(group(request.getPartitionId()));
    if (log.isEmpty()) {
      answer.onNext(response(Outcome.NOT_LEADER, self.node + " has no replica"));
      answer.onCompleted();
      return;
    }
    var _ =
        log.get()
            .changeMembers(peers(request.getBeforeList()), peers(request.getAfterList()))
            .whenComplete(
                (change, failure) -> {
                  answer.onNext(
                      failure != null
                          ? response(Outcome.FAILED, failure.toString())
                          : response(change));
                  answer.onCompleted();
                });
  }

  @Override
  public void countedMembers(
      CountedMembersRequest request, StreamObserver<CountedMembersResponse> answer) {
    Optional<ReplicatedLog> log = logs.replica(group(request.getPartitionId()));
    CountedMembersResponse.Builder response = CountedMembersResponse.newBuilder();
    if (log.isEmpty()) {
      answer.onNext(response.build());
      answer.onCompleted();
      return;
    }
    var _ =
        log.get()
            .confirmLeadership()
            .whenComplete(
                (held, _) -> {
                  if (Boolean.TRUE.equals(held)) {
                    response.setKnown(true);
                    log.get().counted().forEach(member -> response.addNodeIds(member.value()));
                  }
                  answer.onNext(response.build());
                  answer.onCompleted();
                });
  }

  private static GroupId group(long partition) {
    return partition == 0 ? GroupId.CATALOG : GroupId.ofPartition(partition);
  }

  private static List<Peer> peers(List<Member> members) {
    return members.stream()
        .map(member -> new Peer(new NodeId(member.getNodeId()), member.getRaftAddress()))
        .toList();
  }

  private static ChangeMembersResponse response(MembershipChange change) {
    return switch (change) {
      case MembershipChange.Done() -> response(Outcome.DONE, "");
      case MembershipChange.NotLeader() -> response(Outcome.NOT_LEADER, "");
      case MembershipChange.OtherMembers(String members) ->
          response(Outcome.OTHER_MEMBERS, members);
      case MembershipChange.Failed(String why) -> response(Outcome.FAILED, why);
    };
  }

  private static ChangeMembersResponse response(Outcome outcome, String detail) {
    return ChangeMembersResponse.newBuilder().setOutcome(outcome).setDetail(detail).build();
  }

  @Override
  public void transferLeadership(
      TransferLeadershipRequest request, StreamObserver<TransferLeadershipResponse> answer) {
    NodeId successor = new NodeId(request.getToNodeId());
    Optional<ReplicatedLog> log = logs.replica(group(request.getPartitionId()));
    TransferLeadershipResponse.Builder response = TransferLeadershipResponse.newBuilder();
    if (log.isEmpty() || !(log.get().leadership() instanceof Leadership.Leader)) {
      response.setDetail(self.node + " does not lead it");
    } else if (!log.get().members().contains(successor)) {
      response.setDetail(successor + " has no replica of it");
    } else {
      log.get().transferTo(successor);
      response.setAccepted(true);
    }
    answer.onNext(response.build());
    answer.onCompleted();
  }
}
