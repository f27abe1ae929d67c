package io.equator.coordinator.federation;

import java.time.Instant;
import java.util.Optional;

/**
 * How this process stands with another region.
 *
 * @param exchanged when documents were last traded; empty: never since the start
 * @param roundTripMillis of that exchange
 * @param offsetMillis how far the other region's clock is ahead of ours; negative: behind. Wrong by
 *     half of the round trip at most
 * @param trouble why the last attempt failed; empty when it did not
 */
public record Condition(
    Optional<Instant> exchanged, long roundTripMillis, long offsetMillis, String trouble) {
  static final Condition NEVER = new Condition(Optional.empty(), 0, 0, "");

  Condition failed(String why) {
    return new Condition(exchanged, roundTripMillis, offsetMillis, why);
  }
}
