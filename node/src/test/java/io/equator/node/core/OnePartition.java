package io.equator.node.core;

import io.equator.node.service.HostedPartition;
import io.equator.proto.ItemWrite;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A partition of one replica that applies at once, for tests of what works on partitions. */
public final class OnePartition {
  private final TreeStore store = new TreeStore();
  private final PartitionMachine machine =
      new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  private final ScriptedLog log = new ScriptedLog(machine).automatic();
  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);
  private final PartitionWriter writer;

  /** One whose global indexes take everything. */
  public OnePartition() {
    this(IndexPressure.NONE);
  }

  /**
   * @param pressure which global indexes cannot take more
   */
  public OnePartition(IndexPressure pressure) {
    this.writer =
        new PartitionWriter(
            log,
            machine,
            store,
            new HybridClock(now::get, Duration.ofSeconds(1)),
            () -> 1,
            now::get,
            WriteLimits.defaults(),
            LockWaits.NONE,
            pressure);
  }

  /** It, as a node serves it. */
  public HostedPartition hosted() {
    return new HostedPartition(
        log,
        machine,
        writer,
        new PartitionReader(store, TestTables.EVERYTHING),
        new ChangeReader(machine, store));
  }

  /** Lets time pass, and says which it is then; milliseconds. */
  public long pass(long millis) {
    return now.addAndGet(millis);
  }

  /** Whether it can confirm that it leads. */
  public void confirms(boolean leads) {
    log.confirmWith(CompletableFuture.completedFuture(leads));
  }

  /** Makes a write. */
  public void write(TableView table, ItemWrite write) {
    var _ = ask(table, write);
  }

  /** Makes a write, if it can be made. */
  public WriteResult ask(TableView table, ItemWrite write) {
    CompletableFuture<WriteResponse> answer = new CompletableFuture<>();
    writer.write(
        WriteRequest.newBuilder().addWrites(write).build(), List.of(table), answer::complete);
    return answer.join().getResults().getResults(0);
  }
}
