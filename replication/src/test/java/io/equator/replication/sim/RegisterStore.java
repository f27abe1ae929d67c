package io.equator.replication.sim;

import com.google.protobuf.ByteString;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.util.Map;
import java.util.TreeMap;

/**
 * The smallest useful machine: numbers under small keys, decided by the leader and written as
 * effects, with the term guard of a partition.
 *
 * <p>An entry is {@code decided term | key | value}, as text.
 */
final class RegisterStore implements LogMachine {

  private final Map<Integer, Integer> durable;
  private final boolean guarded;
  private Map<Integer, Integer> values;
  private LogPosition position;
  private LogPosition durablePosition;

  RegisterStore(boolean guarded) {
    this(guarded, new TreeMap<>(), LogPosition.NONE);
  }

  private RegisterStore(boolean guarded, Map<Integer, Integer> durable, LogPosition position) {
    this.guarded = guarded;
    this.durable = durable;
    this.values = new TreeMap<>(durable);
    this.position = position;
    this.durablePosition = position;
  }

  static ByteString entry(long decidedTerm, int key, int value) {
    return ByteString.copyFromUtf8(decidedTerm + " " + key + " " + value);
  }

  /** The store as it comes back after a loss of power. */
  RegisterStore reopen() {
    return new RegisterStore(guarded, durable, durablePosition);
  }

  int read(int key) {
    return values.getOrDefault(key, 0);
  }

  Map<Integer, Integer> values() {
    return values;
  }

  LogPosition position() {
    return position;
  }

  /** Returns whether the entry took effect. */
  @Override
  public Object apply(long term, long index, ByteString entry) {
    advance(term, index);
    int first = entry.toStringUtf8().indexOf(' ');
    int second = entry.toStringUtf8().indexOf(' ', first + 1);
    String text = entry.toStringUtf8();
    if (guarded && Long.parseLong(text.substring(0, first)) != term) {
      return false;
    }
    values.put(
        Integer.parseInt(text.substring(first + 1, second)),
        Integer.parseInt(text.substring(second + 1)));
    return true;
  }

  @Override
  public void advance(long term, long index) {
    if (index != position.index() + 1) {
      throw new IllegalStateException("gap: " + index + " after " + position);
    }
    position = new LogPosition(term, index);
  }

  @Override
  public LogPosition durablePosition() {
    return durablePosition;
  }

  @Override
  public LogPosition flush() {
    durable.clear();
    durable.putAll(values);
    durablePosition = position;
    return position;
  }

  @Override
  public void leadershipChanged(Leadership leadership) {}
}
