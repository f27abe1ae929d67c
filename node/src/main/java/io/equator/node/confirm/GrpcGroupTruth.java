package io.equator.node.confirm;

import io.equator.partitioner.NodeId;
import io.equator.proto.CountedMembersRequest;
import io.equator.proto.CountedMembersResponse;
import io.equator.proto.MembershipServiceGrpc;
import io.equator.proto.PartitionDescriptor;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks those who should be members, until one of them leads. */
public final class GrpcGroupTruth implements GroupTruth {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private final Function<NodeId, @Nullable Channel> channels;

  /**
   * @param channels to every node; null for one that is not known
   */
  public GrpcGroupTruth(Function<NodeId, @Nullable Channel> channels) {
    this.channels = channels;
  }

  @Override
  public boolean isOut(NodeId node, PartitionDescriptor partition) {
    CountedMembersRequest request =
        CountedMembersRequest.newBuilder().setPartitionId(partition.getPartitionId()).build();
    Set<String> asked = new LinkedHashSet<>(partition.getReplicaNodeIdsList());
    asked.add(partition.getJoiningNodeId());
    asked.remove("");
    for (String member : asked) {
      Channel channel = channels.apply(new NodeId(member));
      if (channel == null) {
        continue;
      }
      try {
        CountedMembersResponse answer =
            MembershipServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(ANSWER_WITHIN)
                .countedMembers(request);
        if (answer.getKnown()) {
          return !answer.getNodeIdsList().contains(node.value());
        }
      } catch (StatusRuntimeException _) {
        // Another one may lead.
      }
    }
    return false;
  }
}
