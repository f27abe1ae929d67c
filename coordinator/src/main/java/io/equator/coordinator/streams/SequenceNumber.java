package io.equator.coordinator.streams;

import io.equator.proto.ChangePlace;
import java.util.Optional;

/**
 * A sequence number of a stream: {@code 1 | generation (4 digits) | log index (18) | position (6)},
 * 29 decimal digits, so that greater numbers are later in a shard.
 *
 * <p>The generation is how many splits lie before the partition, so that numbers of a child shard
 * are greater than all of its parent's.
 */
final class SequenceNumber {
  private static final int LENGTH = 29;
  private static final int GENERATION_AT = 1;
  private static final int INDEX_AT = 5;
  private static final int POSITION_AT = 23;

  private SequenceNumber() {}

  /**
   * @param generation of the partition that the place is in
   */
  static String of(int generation, ChangePlace place) {
    return "1"
        + digits(generation, INDEX_AT - GENERATION_AT)
        + digits(place.getLogIndex(), POSITION_AT - INDEX_AT)
        + digits(place.getPosition(), LENGTH - POSITION_AT);
  }

  private static String digits(long number, int count) {
    String text = Long.toString(number);
    return "0".repeat(Math.max(0, count - text.length())) + text;
  }

  /** The place that a number names; empty when it is none of this generation. */
  static Optional<ChangePlace> parse(int generation, String number) {
    if (number.length() != LENGTH
        || !number.startsWith("1" + digits(generation, INDEX_AT - GENERATION_AT))) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          ChangePlace.newBuilder()
              .setLogIndex(Long.parseUnsignedLong(number.substring(INDEX_AT, POSITION_AT)))
              .setPosition(Integer.parseUnsignedInt(number.substring(POSITION_AT)))
              .build());
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
