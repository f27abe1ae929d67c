package io.equator.node.core;

import io.equator.node.core.MetaRows.Counters;
import io.equator.proto.CountStep;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many items and bytes each table and index has in one partition.
 *
 * <p>Changes are gathered while an entry is applied, written into its batch, and become visible
 * when the batch is committed. The machine's monitor guards the changes; readers see what was
 * committed.
 */
final class TableCounters {
  private final long partition;
  private final Map<Long, Counters> committed = new ConcurrentHashMap<>();
  private final Map<Long, long[]> changed = new HashMap<>();
  private final Set<Long> dropped = new HashSet<>();

  /** What the end of a count puts in the place of estimates. */
  private final Map<Long, Counters> exact = new HashMap<>();

  private final RowCount rows;

  TableCounters(long partition, MetaRows.Descriptor descriptor, StoreView store) {
    this.partition = partition;
    this.rows = new RowCount(partition, descriptor, store);
    MetaRows.counters(
        store, partition, (table, index, counted) -> committed.put(slot(table, index), counted));
  }

  Counters get(int table, int index) {
    return committed.getOrDefault(slot(table, index), Counters.ZERO);
  }

  /** The sum over all tables: of their items, or of the rows of their indexes. */
  Counters totals(boolean items) {
    long count = 0;
    long bytes = 0;
    for (Map.Entry<Long, Counters> counted : committed.entrySet()) {
      if ((indexOf(counted.getKey()) == 0) == items) {
        count += counted.getValue().items();
        bytes += counted.getValue().bytes();
      }
    }
    return new Counters(count, bytes);
  }

  /** The tables that are counted. */
  Set<Integer> tables() {
    Set<Integer> tables = new TreeSet<>();
    for (long slot : committed.keySet()) {
      tables.add(tableOf(slot));
    }
    return tables;
  }

  /** The indexes of a table that are counted; 0 for its items. */
  Set<Integer> indexes(int table) {
    Set<Integer> indexes = new TreeSet<>();
    for (long slot : committed.keySet()) {
      if (tableOf(slot) == table) {
        indexes.add(indexOf(slot));
      }
    }
    return indexes;
  }

  /** Begins an entry. */
  void clear() {
    changed.clear();
    dropped.clear();
    exact.clear();
    rows.clear();
  }

  /** True while the counters are estimates. */
  boolean isCounting() {
    return rows.isRunning();
  }

  /** A row of a table (index 0) or index changes. */
  void count(Family family, byte[] key, int table, int index, long items, long bytes) {
    long slot = slot(table, index);
    long[] change = changed.computeIfAbsent(slot, _ -> new long[2]);
    change[0] += items;
    change[1] += bytes;
    rows.change(family, key, slot, items, bytes);
  }

  /** Before anything else of an entry. */
  void step(CountStep step) {
    if (rows.step(step, committed::containsKey)) {
      for (long slot : committed.keySet()) {
        exact.put(slot, rows.counted(slot));
        changed.putIfAbsent(slot, new long[2]);
      }
    }
  }

  /**
   * Forgets a table.
   *
   * @return the indexes (0: the table's items) that were counted
   */
  byte[] drop(int table, RowBatch batch) {
    Set<Long> slots = new TreeSet<>(committed.keySet());
    slots.addAll(changed.keySet());
    slots.removeIf(slot -> tableOf(slot) != table);
    return drop(table, slots, batch);
  }

  /**
   * Forgets one index of a table.
   *
   * @return the index, if it was counted
   */
  byte[] drop(int table, int index, RowBatch batch) {
    long slot = slot(table, index);
    boolean counted = committed.containsKey(slot) || changed.containsKey(slot);
    return drop(table, counted ? Set.of(slot) : Set.of(), batch);
  }

  private byte[] drop(int table, Set<Long> slots, RowBatch batch) {
    byte[] indexes = new byte[slots.size()];
    int i = 0;
    for (long slot : slots) {
      batch.delete(Family.META, MetaRows.countersKey(partition, table, indexOf(slot)));
      indexes[i++] = (byte) indexOf(slot);
    }
    dropped.addAll(slots);
    changed.keySet().removeAll(slots);
    exact.keySet().removeAll(slots);
    rows.drop(slots, batch);
    return indexes;
  }

  void write(RowBatch batch) {
    for (Map.Entry<Long, long[]> change : changed.entrySet()) {
      long slot = change.getKey();
      long[] delta = change.getValue();
      Counters before = before(slot);
      Counters after = new Counters(before.items() + delta[0], before.bytes() + delta[1]);
      delta[0] = after.items();
      delta[1] = after.bytes();
      batch.put(
          Family.META,
          MetaRows.countersKey(partition, tableOf(slot), indexOf(slot)),
          MetaRows.counters(after));
    }
    rows.write(batch);
  }

  private Counters before(long slot) {
    Counters counted = exact.get(slot);
    if (counted != null) {
      return counted;
    }
    return dropped.contains(slot) ? Counters.ZERO : committed.getOrDefault(slot, Counters.ZERO);
  }

  /** The batch is committed. */
  void publish() {
    rows.publish();
    committed.keySet().removeAll(dropped);
    for (Map.Entry<Long, long[]> change : changed.entrySet()) {
      committed.put(change.getKey(), new Counters(change.getValue()[0], change.getValue()[1]));
    }
  }

  static long slot(int table, int index) {
    return (long) table << 8 | index;
  }

  static int indexOf(long slot) {
    return (int) (slot & 0xff);
  }

  static int tableOf(long slot) {
    return (int) (slot >> 8);
  }
}
