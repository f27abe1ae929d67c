package io.equator.coordinator.triggers;

import com.google.protobuf.ByteString;
import io.equator.proto.TriggerCheckpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Checkpoints in memory, whose answers can be lost. */
final class MemoryCheckpoints implements CheckpointStore {
  private final Map<ByteString, Entry> rows = new HashMap<>();

  /** The next change is made and nobody hears of it. */
  boolean loseNextAnswer;

  /** Nothing answers, and nothing is made. */
  boolean away;

  private void ask() {
    if (away) {
      throw new UnavailableException("away");
    }
  }

  private <T> T answer(T value) {
    if (loseNextAnswer) {
      loseNextAnswer = false;
      throw new UnavailableException("lost");
    }
    return value;
  }

  @Override
  public Optional<Entry> read(ByteString key) {
    ask();
    return Optional.ofNullable(rows.get(key));
  }

  @Override
  public Optional<Entry> insert(ByteString key, TriggerCheckpoint row) {
    ask();
    if (rows.containsKey(key)) {
      return answer(Optional.empty());
    }
    rows.put(key, new Entry(key, row, 1));
    return answer(read(key));
  }

  @Override
  public Optional<Entry> replace(Entry before, TriggerCheckpoint row) {
    ask();
    Entry now = rows.get(before.key());
    if (now == null || now.version() != before.version()) {
      return answer(Optional.empty());
    }
    rows.put(before.key(), new Entry(before.key(), row, before.version() + 1));
    return answer(Optional.ofNullable(rows.get(before.key())));
  }

  @Override
  public boolean remove(Entry before) {
    ask();
    Entry now = rows.get(before.key());
    boolean same = now != null && now.version() == before.version();
    if (same) {
      rows.remove(before.key());
    }
    return answer(same);
  }
}
