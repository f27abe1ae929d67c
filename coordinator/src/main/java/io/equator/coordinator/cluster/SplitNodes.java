package io.equator.coordinator.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.ActivatePartition;
import io.equator.proto.ActivateRequest;
import io.equator.proto.Heir;
import io.equator.proto.LeadRequest;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionRef;
import io.equator.proto.SealPartition;
import io.equator.proto.SealRequest;
import io.equator.proto.SealResponse;
import io.equator.proto.SealedPartition;
import io.equator.proto.SplitReplica;
import io.equator.proto.SplitServiceGrpc;
import io.equator.proto.SplitServiceGrpc.SplitServiceBlockingStub;
import io.equator.proto.SplitStatus;
import io.equator.proto.SplitStatusRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What nodes are asked for when partitions are split. Blocking, for a bounded time. */
final class SplitNodes {
  private static final Duration STATUS_WITHIN = Duration.ofSeconds(1);
  private static final Duration STEP_WITHIN = Duration.ofSeconds(5);

  private final Function<NodeId, @Nullable Channel> channels;

  SplitNodes(Function<NodeId, @Nullable Channel> channels) {
    this.channels = channels;
  }

  /**
   * Replicas as their nodes see them.
   *
   * @param replicas by node and partition, of the nodes that answered
   */
  record View(Map<NodeId, Map<Long, SplitReplica>> replicas) {
    Optional<SplitReplica> replica(NodeId node, long partition) {
      return Optional.ofNullable(replicas.getOrDefault(node, Map.of()).get(partition));
    }

    /** Who leads: the answer of the greatest term counts. */
    Optional<NodeId> leaderOf(long partition) {
      NodeId leader = null;
      long term = -1;
      for (NodeId node : replicas.keySet()) {
        Optional<SplitReplica> replica = replica(node, partition);
        if (replica.isPresent() && replica.get().getLeads() && replica.get().getTerm() > term) {
          leader = node;
          term = replica.get().getTerm();
        }
      }
      return Optional.ofNullable(leader);
    }

    /** The leader's own view. */
    Optional<SplitReplica> leading(long partition) {
      return leaderOf(partition).flatMap(node -> replica(node, partition));
    }
  }

  private @Nullable SplitServiceBlockingStub stub(NodeId node, Duration within) {
    Channel channel = channels.apply(node);
    return channel == null
        ? null
        : SplitServiceGrpc.newBlockingStub(channel).withDeadlineAfter(within);
  }

  /** Asks these nodes for these partitions; those that do not answer are left out. */
  View look(Collection<NodeId> nodes, Collection<Long> partitions) {
    SplitStatusRequest request =
        SplitStatusRequest.newBuilder().addAllPartitionIds(partitions).build();
    Map<NodeId, Map<Long, SplitReplica>> replicas = new LinkedHashMap<>();
    for (NodeId node : nodes) {
      SplitServiceBlockingStub stub = stub(node, STATUS_WITHIN);
      if (stub == null) {
        continue;
      }
      try {
        SplitStatus status = stub.status(request);
        Map<Long, SplitReplica> of = new HashMap<>();
        status.getReplicasList().forEach(replica -> of.put(replica.getPartitionId(), replica));
        replicas.put(node, of);
      } catch (StatusRuntimeException _) {
        // It is looked at again in the next round.
      }
    }
    return new View(replicas);
  }

  /** Seals a partition; empty when that is not known to have happened. */
  Optional<SealedPartition> seal(NodeId leader, PartitionDescriptor partition) {
    SplitServiceBlockingStub stub = stub(leader, STEP_WITHIN);
    if (stub == null) {
      return Optional.empty();
    }
    try {
      SealResponse answer =
          stub.seal(
              SealRequest.newBuilder()
                  .setPartition(reference(partition))
                  .setSeal(SealPartition.newBuilder().addAllHeirs(heirs(partition)))
                  .build());
      return answer.hasSealed() ? Optional.of(answer.getSealed()) : Optional.empty();
    } catch (StatusRuntimeException _) {
      return Optional.empty();
    }
  }

  private static List<Heir> heirs(PartitionDescriptor partition) {
    long token = partition.getSplit().getToken();
    List<Heir> heirs = new ArrayList<>();
    heirs.add(
        Heir.newBuilder()
            .setPartitionId(partition.getSplit().getFirstId())
            .setFirstToken(partition.getFirstToken())
            .setLastToken(token - 1)
            .build());
    heirs.add(
        Heir.newBuilder()
            .setPartitionId(partition.getSplit().getSecondId())
            .setFirstToken(token)
            .setLastToken(partition.getLastToken())
            .build());
    return heirs;
  }

  /** Activates an embryo; true when it is active. */
  boolean activate(NodeId leader, PartitionDescriptor embryo, long sealedIndex) {
    SplitServiceBlockingStub stub = stub(leader, STEP_WITHIN);
    if (stub == null) {
      return false;
    }
    try {
      return !stub.activate(
              ActivateRequest.newBuilder()
                  .setPartition(reference(embryo))
                  .setActivate(
                      ActivatePartition.newBuilder()
                          .setParentPartitionId(embryo.getParentId())
                          .setSealedIndex(sealedIndex))
                  .build())
          .hasRedirect();
    } catch (StatusRuntimeException _) {
      return false;
    }
  }

  /** Asks that another node lead an embryo. */
  void handOver(NodeId leader, long embryo, NodeId to) {
    SplitServiceBlockingStub stub = stub(leader, STATUS_WITHIN);
    if (stub == null) {
      return;
    }
    try {
      var _ =
          stub.lead(
              LeadRequest.newBuilder().setPartitionId(embryo).setToNodeId(to.value()).build());
    } catch (StatusRuntimeException _) {
      // Whether it came about shows in the next round.
    }
  }

  private static PartitionRef reference(PartitionDescriptor partition) {
    return PartitionRef.newBuilder()
        .setPartitionId(partition.getPartitionId())
        .setEpoch(partition.getEpoch())
        .build();
  }
}
