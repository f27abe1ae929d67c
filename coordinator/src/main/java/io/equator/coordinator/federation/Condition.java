package io.equator.coordinator.federation;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How this process stands with another region.
 *
 * @param exchanged when documents were last traded; empty: never since the start
 * @param roundTripMillis of that exchange
 * @param offsetMillis how far the other region's clock is ahead of ours; negative: behind. Wrong by
 *     half of the round trip at most
 * @param silences for how many milliseconds it has not heard from others, as it said then
 * @param unsentRecords changes that it had and this region had not, as it said then
 * @param trouble why the last attempt failed; empty when it did not
 */
public record Condition(
    Optional<Instant> exchanged,
    long roundTripMillis,
    long offsetMillis,
    Map<String, Long> silences,
    long unsentRecords,
    String trouble) {
  static final Condition NEVER = new Condition(Optional.empty(), 0, 0, Map.of(), 0, "");

  public Condition {
    silences = Map.copyOf(silences);
  }

  Condition failed(String why) {
    return new Condition(exchanged, roundTripMillis, offsetMillis, silences, unsentRecords, why);
  }
}
