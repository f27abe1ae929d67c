package io.equator.replication.regions;

import io.grpc.Channel;
import java.util.Optional;

/** How this process reaches other regions; the shells of {@code dev} and {@code serve} know how. */
@FunctionalInterface
public interface RegionChannels {
  /** A process that belongs to no federation: it reaches nobody. */
  RegionChannels NONE = region -> Optional.empty();

  /**
   * A channel to the services of a region's coordinators, whichever of them answers. It is shared
   * and owned by the process; calls on it fail with UNAVAILABLE while the region is away.
   *
   * @param region for example {@code us-east-1}
   * @return empty when the federation has no such region
   */
  Optional<Channel> region(String region);
}
