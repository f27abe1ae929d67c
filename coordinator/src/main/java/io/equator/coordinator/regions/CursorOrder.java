package io.equator.coordinator.regions;

import com.google.protobuf.ByteString;
import io.equator.proto.ReplicationCursor;

/** Which of two cursors of one source and generation is further. */
final class CursorOrder {
  private CursorOrder() {}

  /**
   * True when {@code next} is beyond {@code known}: of a later walk; or of the same one, and
   * further in it; or behind the walk, and further in the log.
   */
  static boolean isBeyond(ReplicationCursor next, ReplicationCursor known) {
    if (next.getWalk() != known.getWalk()) {
      return Integer.compareUnsigned(next.getWalk(), known.getWalk()) > 0;
    }
    if (next.getWalked() != known.getWalked()) {
      return next.getWalked();
    }
    if (!next.getWalked()) {
      return ByteString.unsignedLexicographicalComparator()
              .compare(next.getLastKey(), known.getLastKey())
          > 0;
    }
    if (next.getLogIndex() != known.getLogIndex()) {
      return next.getLogIndex() > known.getLogIndex();
    }
    return next.getPosition() > known.getPosition();
  }
}
