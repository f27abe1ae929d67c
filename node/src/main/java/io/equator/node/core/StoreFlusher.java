package io.equator.node.core;

import io.equator.replication.log.LogPosition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the store of a node durable, for all of its partitions at once, and tells each how far it
 * is durable now.
 *
 * <p>One flush at a time; who comes during one waits for it and then flushes what has come since.
 */
public final class StoreFlusher {
  private final Store store;
  private final List<PartitionMachine> machines = new CopyOnWriteArrayList<>();
  private final AtomicLong unflushedBytes = new AtomicLong();

  /** Flushes {@code store}. */
  public StoreFlusher(Store store) {
    this.store = store;
  }

  /** Adds a partition that lives in the store. */
  public void add(PartitionMachine machine) {
    machines.add(machine);
  }

  /** Forgets a partition. */
  public void remove(PartitionMachine machine) {
    machines.remove(machine);
  }

  void applied(int entryBytes) {
    unflushedBytes.addAndGet(entryBytes);
  }

  /** Bytes of the entries applied since the last flush began. */
  public long unflushedBytes() {
    return unflushedBytes.get();
  }

  /**
   * Makes everything that is applied now durable.
   *
   * @throws StoreException when that failed
   */
  public synchronized void flush() {
    long bytes = unflushedBytes.getAndSet(0);
    Map<PartitionMachine, LogPosition> positions = new LinkedHashMap<>();
    for (PartitionMachine machine : machines) {
      positions.put(machine, machine.prepareFlush());
    }
    try {
      store.flush();
    } catch (RuntimeException e) {
      // It is tried again, also when nothing more comes.
      unflushedBytes.addAndGet(bytes);
      throw e;
    }
    positions.forEach(PartitionMachine::flushed);
  }
}
