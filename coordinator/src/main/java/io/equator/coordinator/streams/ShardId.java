package io.equator.coordinator.streams;

import java.util.Optional;

/**
 * The name of a shard: {@code shardId-<partition, 20 digits>-<stream, 8 hexadecimal digits>}; of
 * one that began with a rotation, followed by {@code -<log index of the rotation, 18 digits>}. So
 * names are in the order in which the shards of a partition were opened.
 */
final class ShardId {
  private static final String PREFIX = "shardId-";
  private static final int PARTITION_DIGITS = 20;
  private static final int START_DIGITS = 18;

  private ShardId() {}

  static String of(long partition, long stream) {
    String digits = Long.toUnsignedString(partition);
    String hex = Long.toHexString(stream);
    return PREFIX
        + "0".repeat(PARTITION_DIGITS - digits.length())
        + digits
        + "-"
        + "0".repeat(Math.max(0, 8 - hex.length()))
        + hex;
  }

  /**
   * @param startIndex of the rotation that it began with; 0: with none
   */
  static String of(long partition, long stream, long startIndex) {
    String digits = Long.toString(startIndex);
    return startIndex == 0
        ? of(partition, stream)
        : of(partition, stream) + "-" + "0".repeat(START_DIGITS - digits.length()) + digits;
  }

  /** The partition of a stream's shard; empty when the name is not one of this stream. */
  static Optional<Long> partition(String shard, long stream) {
    int end = PREFIX.length() + PARTITION_DIGITS;
    if (shard.length() < end || !shard.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      long partition = Long.parseUnsignedLong(shard.substring(PREFIX.length(), end));
      String whole = of(partition, stream);
      boolean is =
          shard.equals(whole)
              || (shard.length() == whole.length() + 1 + START_DIGITS
                  && shard.startsWith(whole + "-"));
      return is ? Optional.of(partition) : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
