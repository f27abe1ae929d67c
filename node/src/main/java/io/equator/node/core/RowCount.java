package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.CountStep;
import io.equator.proto.CountWalk;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Counts the rows of a partition that was made by a split, exactly, while they change: nobody knows
 * how many of the parent's rows lie under which token.
 *
 * <p>A walk in the order of families and keys, a few rows with each {@link CountStep} of the log:
 * the rows are counted when the step is applied, on every replica, from the state before its entry.
 * A change of a row that the walk has passed changes the count, one of a row before it does not. So
 * what is counted is at each moment exactly what lies behind the walk, and at its end everything.
 *
 * <p>Until then {@link TableCounters} has estimates. The machine's monitor guards everything but
 * {@link #isRunning}.
 */
final class RowCount {
  private static final List<Family> FAMILIES =
      List.of(Family.ITEMS, Family.LOCAL_INDEXES, Family.GLOBAL_INDEXES);

  private final long partition;
  private final Descriptor descriptor;
  private final StoreView store;
  private final Map<Long, long[]> counted = new HashMap<>();
  private final Set<Long> touched = new HashSet<>();
  private volatile boolean running;
  private int family;
  private byte[] lastKey = {};
  private boolean stepped;
  private boolean ended;

  RowCount(long partition, Descriptor descriptor, StoreView store) {
    this.partition = partition;
    this.descriptor = descriptor;
    this.store = store;
    byte[] row = store.get(Family.META, SplitRows.key(SplitRows.COUNT_WALK, partition));
    if (row == null) {
      return;
    }
    running = true;
    CountWalk walk = SplitRows.countWalk(row);
    family = walk.getFamily();
    lastKey = walk.getLastKey().toByteArray();
    byte[] prefix = SplitRows.key(SplitRows.COUNTED, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        byte[] key = cursor.key();
        Counters counters = MetaRows.counters(cursor.value());
        counted.put(
            TableCounters.slot(MetaRows.tableOfCountersKey(key), MetaRows.indexOfCountersKey(key)),
            new long[] {counters.items(), counters.bytes()});
      }
    }
  }

  /** The counters are estimates still. */
  boolean isRunning() {
    return running;
  }

  /** Begins an entry. */
  void clear() {
    stepped = false;
    ended = false;
    touched.clear();
  }

  /** A row has changed. */
  void change(Family of, byte[] key, long slot, long items, long bytes) {
    if (running && isBehind(of, key)) {
      add(slot, items, bytes);
    }
  }

  private boolean isBehind(Family of, byte[] key) {
    int number = FAMILIES.indexOf(of);
    return number < family
        || (number == family && lastKey.length > 0 && Arrays.compareUnsigned(key, lastKey) <= 0);
  }

  private void add(long slot, long items, long bytes) {
    long[] count = counted.computeIfAbsent(slot, _ -> new long[2]);
    count[0] += items;
    count[1] += bytes;
    touched.add(slot);
  }

  /** A table or index is gone. */
  void drop(Set<Long> slots, RowBatch batch) {
    for (long slot : slots) {
      if (counted.remove(slot) != null) {
        batch.delete(Family.META, key(slot));
      }
    }
  }

  /**
   * Counts some more rows; before anything else of its entry.
   *
   * @param known whether a table or index is counted: rows of dropped ones go on each replica in
   *     its own time
   * @return true when nothing is left to be counted
   */
  boolean step(CountStep effect, LongPredicate known) {
    if (!running) {
      return false;
    }
    stepped = true;
    int left = effect.getRows();
    while (family < FAMILIES.size()) {
      Family of = FAMILIES.get(family);
      for (RowRange range : PartitionRows.byToken(store, of, descriptor)) {
        long slot = slot(range.lower());
        if (known.test(slot)) {
          left = walk(of, range, slot, left);
        }
        if (left <= 0) {
          return false;
        }
      }
      family++;
      lastKey = new byte[0];
    }
    ended = true;
    return true;
  }

  private int walk(Family of, RowRange range, long slot, int rows) {
    int left = rows;
    byte[] lower = range.lower();
    if (lastKey.length > 0 && Arrays.compareUnsigned(lastKey, lower) >= 0) {
      lower = Arrays.copyOf(lastKey, lastKey.length + 1);
    }
    if (Arrays.compareUnsigned(lower, range.upper()) >= 0) {
      return left;
    }
    try (RowCursor cursor = store.cursor(of, lower, range.upper())) {
      for (cursor.first(); left > 0 && cursor.valid(); cursor.next()) {
        add(slot, 1, StoredValue.read(cursor.value()).item().sizeBytes());
        lastKey = cursor.key();
        left--;
      }
    }
    return left;
  }

  /** What was counted of a table or index. */
  Counters counted(long slot) {
    long[] count = counted.get(slot);
    return count == null ? Counters.ZERO : new Counters(count[0], count[1]);
  }

  /** Writes what the entry has changed. */
  void write(RowBatch batch) {
    if (ended) {
      batch.delete(Family.META, SplitRows.key(SplitRows.COUNT_WALK, partition));
      for (long slot : counted.keySet()) {
        batch.delete(Family.META, key(slot));
      }
      return;
    }
    for (long slot : touched) {
      if (counted.containsKey(slot)) {
        batch.put(Family.META, key(slot), MetaRows.counters(counted(slot)));
      }
    }
    if (stepped) {
      batch.put(
          Family.META,
          SplitRows.key(SplitRows.COUNT_WALK, partition),
          SplitRows.row(
              CountWalk.newBuilder()
                  .setFamily(family)
                  .setLastKey(ByteString.copyFrom(lastKey))
                  .build()));
    }
  }

  /** The batch is committed. */
  void publish() {
    if (ended) {
      running = false;
      counted.clear();
    }
  }

  private byte[] key(long slot) {
    return SplitRows.countedKey(
        partition, TableCounters.tableOf(slot), TableCounters.indexOf(slot));
  }

  private static long slot(byte[] key) {
    return TableCounters.slot(StoreKeys.table(key), key[4] & 0xff);
  }
}
