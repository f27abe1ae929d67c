package io.equator.coordinator.streams;

import java.util.Optional;

/** The name of a shard: {@code shardId-<partition, 20 digits>-<stream, 8 hexadecimal digits>}. */
final class ShardId {
  private static final String PREFIX = "shardId-";
  private static final int PARTITION_DIGITS = 20;

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

  /** The partition of a stream's shard; empty when the name is not one of this stream. */
  static Optional<Long> partition(String shard, long stream) {
    int end = PREFIX.length() + PARTITION_DIGITS;
    if (shard.length() < end || !shard.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      long partition = Long.parseUnsignedLong(shard.substring(PREFIX.length(), end));
      return of(partition, stream).equals(shard) ? Optional.of(partition) : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
