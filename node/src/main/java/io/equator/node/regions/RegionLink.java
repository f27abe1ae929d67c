package io.equator.node.regions;

import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;

/** The way to another region. Calls block, for a bounded time. */
interface RegionLink {
  /**
   * Asks where a source stands.
   *
   * @throws RegionAwayException when nobody answers
   */
  ReplicationCursorResponse cursor(String region, ReplicationCursorRequest request);

  /**
   * Sends items.
   *
   * @throws RegionAwayException when nobody answers: they may have arrived
   */
  ReplicateResponse apply(String region, ReplicateRequest request);

  /**
   * Asks which versions of some keys are there.
   *
   * @throws RegionAwayException when nobody answers
   */
  RegionVersionsResponse versions(String region, RegionVersionsRequest request);

  /** Nobody answers in that region. */
  final class RegionAwayException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RegionAwayException(String message) {
      super(message);
    }
  }
}
