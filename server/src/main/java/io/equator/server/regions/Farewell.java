package io.equator.server.regions;

import io.equator.proto.FederationServiceGrpc;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionExchangeRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Tells a region that it has left, so that it stops calling and keeps its tables to itself. */
public final class Farewell {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private Farewell() {}

  /**
   * Tells it, if it answers.
   *
   * @param own the region that has taken it out
   * @return whether it has heard
   */
  public static boolean tell(
      RegionDescriptor own, RegionDescriptor removed, RegionSecurity security) {
    if (removed.getAddressesCount() == 0) {
      return false;
    }
    // It is believed once more: who answers must still be it.
    RegionDescriptor there = removed.toBuilder().setRemoved(false).build();
    try (AnyOfChannels channel =
        AnyOfChannels.to(removed.getAddressesList(), security.client(there))) {
      for (int i = 0; i < removed.getAddressesCount(); i++) {
        if (heard(channel, own, removed)) {
          return true;
        }
      }
      return false;
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean heard(
      AnyOfChannels channel, RegionDescriptor own, RegionDescriptor removed) {
    try {
      var _ =
          FederationServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(ANSWER_WITHIN)
              .exchange(
                  RegionExchangeRequest.newBuilder()
                      .setCaller(own)
                      .addAllRegions(List.of(removed))
                      .setSentMillis(System.currentTimeMillis())
                      .build());
      return true;
    } catch (StatusRuntimeException _) {
      return false;
    }
  }
}
