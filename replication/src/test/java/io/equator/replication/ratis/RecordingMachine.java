package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.util.ArrayList;
import java.util.List;

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
  private ByteString poison = ByteString.EMPTY;

  @Override
  public synchronized Object apply(long term, long index, ByteString entry) {
    if (!poison.isEmpty() && entry.equals(poison)) {
      throw new IllegalStateException("poisoned entry");
    }
    move(term, index);
    applied.add(entry);
    return "#" + applied.size();
  }

  @Override
  public synchronized void advance(long term, long index) {
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

  /** A machine as it would come back: with what was durable. */
  synchronized RecordingMachine crash() {
    RecordingMachine back = new RecordingMachine();
    back.applied.addAll(applied.subList(0, durableCount));
    back.position = durable;
    back.durable = durable;
    back.durableCount = durableCount;
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
