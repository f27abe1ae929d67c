package io.equator.coordinator.router;

import io.equator.partitioner.NodeId;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import org.jspecify.annotations.Nullable;

/** Where the storage nodes can be reached; implemented by whoever wires processes together. */
@FunctionalInterface
public interface NodeChannels {

  /**
   * The asynchronous stub of a node, or null when its address is not known (yet). Must not block.
   */
  @Nullable NodeServiceStub stub(NodeId node);
}
