package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what it was given, in memory, and loses on {@link #crash} what was not flushed: stands for
 * a store without a write-ahead log of its own.
 */
final class RecordingMachine implements LogMachine {

  private final List<ByteString> applied = new ArrayList<>();
  private final List<Leadership> told = new ArrayList<>();
  private LogPosition position = LogPosition.NONE;
  private LogPosition durable = LogPosition.NONE;
  private int durableCount;
  private int flushes;
  private long replayed = -1;
  private long installed = -1;
  private ByteString poison = ByteString.EMPTY;
  private @Nullable Function<NodeId, RecordingMachine> others;
  private CompletableFuture<Void> mayInstall = CompletableFuture.completedFuture(null);
  private final List<List<NodeId>> sourcesTold = new ArrayList<>();

  @Override
  public synchronized Object apply(long term, long index, ByteString entry) {
    if (!poison.isEmpty() && entry.equals(poison)) {
      throw new IllegalStateException("poisoned entry");
    }
    if (index <= installed) {
      return "installed";
    }
    move(term, index);
    applied.add(entry);
    return "#" + applied.size();
  }

  @Override
  public synchronized void advance(long term, long index) {
    if (index <= installed) {
      return;
    }
    move(term, index);
  }

  private void move(long term, long index) {
    if (index != position.index() + 1) {
      throw new IllegalStateException("gap: " + index + " after " + position);
    }
    if (replayed < 0) {
      replayed = index;
    }
    position = new LogPosition(term, index);
    notifyAll();
  }

  @Override
  public synchronized LogPosition durablePosition() {
    return durable;
  }

  @Override
  public synchronized LogPosition flush() {
    flushes++;
    durable = position;
    durableCount = applied.size();
    return durable;
  }

  @Override
  public synchronized void leadershipChanged(Leadership leadership) {
    told.add(leadership);
    notifyAll();
  }

  /** Lets it install states of other machines. */
  synchronized void installFrom(Function<NodeId, RecordingMachine> machines) {
    others = machines;
  }

  /** Installing takes until this is complete. */
  synchronized void holdInstall(CompletableFuture<Void> until) {
    mayInstall = until;
  }

  /** Who was named as a source, for each time that it was asked to install. */
  synchronized List<List<NodeId>> sourcesTold() {
    return List.copyOf(sourcesTold);
  }

  @Override
  public synchronized CompletableFuture<Optional<LogPosition>> install(
      long atLeastIndex, List<NodeId> sources) {
    sourcesTold.add(sources);
    Function<NodeId, RecordingMachine> from = others;
    if (from == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return mayInstall.thenApplyAsync(
        _ -> {
          for (NodeId source : sources) {
            if (copy(from.apply(source), atLeastIndex)) {
              break;
            }
          }
          synchronized (this) {
            return durable.index() >= Math.max(0, atLeastIndex)
                ? Optional.of(durable)
                : Optional.empty();
          }
        });
  }

  private boolean copy(RecordingMachine other, long atLeastIndex) {
    List<ByteString> entries;
    LogPosition at;
    synchronized (other) {
      entries = List.copyOf(other.applied);
      at = other.position;
    }
    synchronized (this) {
      if (at.index() >= atLeastIndex && at.index() > position.index()) {
        applied.clear();
        applied.addAll(entries);
        position = at;
        durable = at;
        durableCount = entries.size();
        installed = at.index();
      }
      return durable.index() >= atLeastIndex;
    }
  }

  /** The index of the last entry of a state that was installed; -1 when none was. */
  synchronized long installed() {
    return installed;
  }

  /** A machine as it would come back: with what was durable. */
  synchronized RecordingMachine crash() {
    RecordingMachine back = new RecordingMachine();
    back.applied.addAll(applied.subList(0, durableCount));
    back.position = durable;
    back.durable = durable;
    back.durableCount = durableCount;
    back.others = others;
    return back;
  }

  synchronized void poison(ByteString entry) {
    poison = entry;
  }

  synchronized List<ByteString> applied() {
    return List.copyOf(applied);
  }

  synchronized List<Leadership> told() {
    return List.copyOf(told);
  }

  synchronized LogPosition position() {
    return position;
  }

  synchronized int flushes() {
    return flushes;
  }

  /** The first index that came after this machine was made, -1 when none did. */
  synchronized long firstIndexSeen() {
    return replayed;
  }
}
