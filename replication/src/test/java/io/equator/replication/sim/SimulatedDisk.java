package io.equator.replication.sim;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one replica keeps over a crash: its term, its vote, and the part of its log that was
 * flushed.
 */
final class SimulatedDisk {

  /**
   * One entry of the log.
   *
   * @param payload null for a leader's first, which belongs to the log itself
   */
  record Entry(long term, @Nullable ByteString payload) {}

  long term;
  @Nullable NodeId votedFor;
  final List<Entry> log = new ArrayList<>();

  /** The last index that a crash cannot take. */
  int flushed = -1;

  int lastIndex() {
    return log.size() - 1;
  }

  long termAt(int index) {
    return index < 0 ? 0 : log.get(index).term();
  }

  void truncate(int from) {
    log.subList(from, log.size()).clear();
    flushed = Math.min(flushed, from - 1);
  }

  /**
   * Power is lost: what was not flushed is gone, except what the machine's own durable state
   * covers. A follower may make durable what a majority of others committed before its own log was
   * flushed; the real log then begins behind that position.
   */
  void lose(long machineDurable) {
    int kept = Math.max(flushed, (int) machineDurable);
    if (kept < lastIndex()) {
      log.subList(kept + 1, log.size()).clear();
    }
    flushed = lastIndex();
  }
}
