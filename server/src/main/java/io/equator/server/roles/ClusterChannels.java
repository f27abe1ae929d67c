package io.equator.server.roles;

import io.equator.coordinator.router.NodeChannels;
import io.equator.partitioner.NodeId;
import io.grpc.Channel;
import org.jspecify.annotations.Nullable;

/** How this process reaches the nodes of its cluster, itself among them. */
public interface ClusterChannels extends NodeChannels {

  /**
   * The channel to a node, for any of its services; null when its address is not known (yet). Must
   * not block.
   */
  @Nullable Channel channel(NodeId node);
}
