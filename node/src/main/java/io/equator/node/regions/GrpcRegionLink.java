package io.equator.node.regions;

import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationServiceGrpc;
import io.equator.proto.ReplicationServiceGrpc.ReplicationServiceBlockingStub;
import io.equator.replication.regions.RegionChannels;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/** Calls the coordinators of other regions. */
final class GrpcRegionLink implements RegionLink {
  /** Longer than the target tries; what takes longer is sent again. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final RegionChannels channels;

  GrpcRegionLink(RegionChannels channels) {
    this.channels = channels;
  }

  @Override
  public ReplicationCursorResponse cursor(String region, ReplicationCursorRequest request) {
    try {
      return stub(region).cursor(request);
    } catch (StatusRuntimeException e) {
      throw new RegionAwayException(region + " does not answer: " + e.getStatus());
    }
  }

  @Override
  public ReplicateResponse apply(String region, ReplicateRequest request) {
    try {
      return stub(region).apply(request);
    } catch (StatusRuntimeException e) {
      throw new RegionAwayException(region + " does not answer: " + e.getStatus());
    }
  }

  @Override
  public RegionVersionsResponse versions(String region, RegionVersionsRequest request) {
    try {
      return stub(region).versions(request);
    } catch (StatusRuntimeException e) {
      throw new RegionAwayException(region + " does not answer: " + e.getStatus());
    }
  }

  private ReplicationServiceBlockingStub stub(String region) {
    Channel channel =
        channels
            .region(region)
            .orElseThrow(() -> new RegionAwayException(region + " cannot be reached from here"));
    return ReplicationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(LIMIT);
  }
}
