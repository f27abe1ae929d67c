package io.equator.replication.sim;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.LogPosition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one replica keeps over a crash: its term, its vote, and the part of its log that was
 * flushed. The log may begin behind a state that holds what came before.
 */
final class SimulatedDisk {

  /**
   * One entry of the log.
   *
   * @param payload null for what belongs to the log itself: a leader's first, or a configuration
   * @param configuration from here on, also before it is committed; null for all other entries
   */
  record Entry(long term, @Nullable ByteString payload, @Nullable Configuration configuration) {
    Entry(long term, @Nullable ByteString payload) {
      this(term, payload, null);
    }
  }

  /** A configuration and the entry that brought it. */
  private record Placed(int index, Configuration configuration) {}

  long term;
  @Nullable NodeId votedFor;

  /** The last index that a crash cannot take. */
  int flushed = -1;

  private final List<Entry> log = new ArrayList<>();
  private int first;
  private long termBefore;
  private @Nullable Configuration before;
  private final List<Placed> configurations = new ArrayList<>();

  /** Whether the log has been begun. */
  boolean isBegun() {
    return before != null;
  }

  /** Begins an empty log with these members. */
  void begin(Configuration members) {
    before = members;
  }

  int first() {
    return first;
  }

  int lastIndex() {
    return first + log.size() - 1;
  }

  Entry entry(int index) {
    return log.get(index - first);
  }

  long termAt(int index) {
    if (index < first) {
      return index == first - 1 ? termBefore : 0;
    }
    return entry(index).term();
  }

  /** The entries from one on. */
  List<Entry> from(int index) {
    return List.copyOf(log.subList(index - first, log.size()));
  }

  void add(Entry entry) {
    log.add(entry);
    Configuration configuration = entry.configuration();
    if (configuration != null) {
      configurations.add(new Placed(lastIndex(), configuration));
    }
  }

  /** The newest configuration in the log, committed or not. */
  Configuration configuration() {
    if (!configurations.isEmpty()) {
      return configurations.getLast().configuration;
    }
    Configuration begun = before;
    return begun == null ? Configuration.NONE : begun;
  }

  /** Where it stands; less than {@link #first} when what brought it has been cut. */
  int configurationIndex() {
    return configurations.isEmpty() ? first - 1 : configurations.getLast().index;
  }

  void truncate(int from) {
    log.subList(from - first, log.size()).clear();
    configurations.removeIf(placed -> placed.index >= from);
    flushed = Math.min(flushed, from - 1);
  }

  /** Lets go of the log up to an entry that the state holds, too. */
  void cut(int upTo) {
    if (upTo < first || upTo > lastIndex()) {
      return;
    }
    termBefore = termAt(upTo);
    for (Placed placed : configurations) {
      if (placed.index <= upTo) {
        before = placed.configuration;
      }
    }
    configurations.removeIf(placed -> placed.index <= upTo);
    log.subList(0, upTo + 1 - first).clear();
    first = upTo + 1;
  }

  /** A state has come from another replica: the log goes on behind it. */
  void beginBehind(LogPosition state, Configuration atState) {
    int index = (int) state.index();
    if (index >= first && index <= lastIndex() && termAt(index) == state.term()) {
      flushed = Math.max(flushed, index);
      cut(index);
      return;
    }
    log.clear();
    configurations.clear();
    first = index + 1;
    termBefore = state.term();
    before = atState;
    flushed = index;
  }

  /**
   * Power is lost: what was not flushed is gone, except what the machine's own durable state
   * covers. A follower may make durable what a majority of others committed before its own log was
   * flushed; the real log then begins behind that position.
   */
  void lose(long machineDurable) {
    int kept = Math.max(flushed, (int) machineDurable);
    if (kept < lastIndex()) {
      truncate(Math.max(first, kept + 1));
    }
    flushed = lastIndex();
  }
}
