package io.equator.coordinator.streams;

import io.equator.proto.ChangePlace;
import io.equator.proto.ShardRotation;
import io.equator.proto.ShardRotations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A shard as the API shows it: what a partition has recorded between two rotations. Of a partition
 * that has not rotated there is one, and it is the whole.
 *
 * @param startIndex it holds what stands behind this log index; 0: from the partition's beginning
 * @param endIndex the last log index of it; 0 when it is the partition's last one
 */
record ShardSpan(Shard whole, long startIndex, long endIndex) {
  /** Behind every record of a log entry: an entry holds far fewer. */
  static final int POSITION_MAX = 999_999;

  private static final long LISTED_MILLIS = 24L * 60 * 60 * 1000;

  /** Those of a partition that are listed, in order; the last one is open or was sealed. */
  static List<ShardSpan> of(Shard whole, ShardRotations rotations, long nowMillis) {
    List<ShardSpan> spans = new ArrayList<>();
    long start = rotations.getStartIndex();
    for (ShardRotation rotation : ofStream(whole, rotations)) {
      // All that it held is older, and trimmed; or the stream was not there yet.
      if (nowMillis - rotation.getMillis() <= LISTED_MILLIS
          && whole.hasSeen(rotation.getMillis())) {
        spans.add(new ShardSpan(whole, start, rotation.getLogIndex()));
      }
      start = rotation.getLogIndex();
    }
    spans.add(new ShardSpan(whole, start, 0));
    return spans;
  }

  /** The rotations but for those of the table's next stream. */
  private static List<ShardRotation> ofStream(Shard whole, ShardRotations rotations) {
    return rotations.getRotationsList().stream()
        .filter(rotation -> whole.isThere(rotation.getMillis()))
        .toList();
  }

  /** The last log index of the shard that a place is in; 0 when it is the partition's last one. */
  static long endOf(Shard whole, ChangePlace place, ShardRotations rotations) {
    for (ShardRotation rotation : ofStream(whole, rotations)) {
      if (rotation.getLogIndex() >= place.getLogIndex()) {
        return rotation.getLogIndex();
      }
    }
    return 0;
  }

  /** The place behind everything in a shard that ends with this log index. */
  static ChangePlace behind(long endIndex) {
    return ChangePlace.newBuilder().setLogIndex(endIndex).setPosition(POSITION_MAX + 1).build();
  }

  /** Whether a place is the one behind everything in its shard. */
  static boolean isBehind(ChangePlace place) {
    return place.getPosition() > POSITION_MAX;
  }

  String id() {
    return ShardId.of(whole.partition().getPartitionId(), whole.stream().id(), startIndex);
  }

  /** Whether it ended with a rotation: nothing comes to it any more. */
  boolean isRotated() {
    return endIndex != 0;
  }

  boolean holds(ChangePlace place) {
    return (startIndex == 0 || place.getLogIndex() > startIndex)
        && (endIndex == 0 || place.getLogIndex() <= endIndex);
  }

  /**
   * The first place of it that is still there, or the one behind its end.
   *
   * @param floor records at log indexes below this one are gone
   */
  ChangePlace first(long floor) {
    long index = startIndex == 0 ? floor : Math.max(floor, startIndex + 1);
    return endIndex != 0 && index > endIndex
        ? behind(endIndex)
        : ChangePlace.newBuilder().setLogIndex(index).build();
  }

  /** The last sequence number of one that was rotated. */
  Optional<String> rotatedNumber() {
    return isRotated()
        ? Optional.of(
            SequenceNumber.of(
                whole.generation(),
                ChangePlace.newBuilder().setLogIndex(endIndex).setPosition(POSITION_MAX).build()))
        : Optional.empty();
  }
}
