package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.transactions.Ledger.Entry;
import io.equator.model.item.EncodedItem;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.partitioner.Ring;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.Conditions;
import io.equator.proto.HeldLocks;
import io.equator.proto.LedgerRow.State;
import io.equator.proto.ListLocksRequest;
import io.equator.proto.ListLocksResponse;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.Operand;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.TokenRange;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the transactions that nobody else will end, and clears the ledger.
 *
 * <p>Every {@link #LOCKS_EVERY} it asks the nodes for locks that are older than a transaction
 * lasts, and settles who holds them; every {@link #LEDGER_EVERY} it reads the ledger for rows that
 * nobody works on. Both look at what is there, not at what happened before, so a coordinator that
 * starts anew finishes the work of one that is gone; several may run.
 *
 * <p>One virtual thread; it waits for one thing at a time, so it never has more than a page of rows
 * in its hands.
 */
public final class TransactionSweeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionSweeper.class);

  static final Duration LOCKS_EVERY = Duration.ofSeconds(2);
  static final Duration LEDGER_EVERY = Duration.ofSeconds(10);

  private static final int LOCKS_MAX = 500;
  private static final int PAGE_ROWS = 500;
  private static final int PAGE_BYTES = 1 << 20;
  private static final long WAIT_SECONDS = 30;

  private final Router router;
  private final TransactionLimits limits;
  private final InstantSource clock;
  private final TransactionEngine engine;
  private final Thread thread;

  /** A sweeper that has not started. */
  public TransactionSweeper(
      TransactionEngine engine, Router router, TransactionLimits limits, InstantSource clock) {
    this.engine = engine;
    this.router = router;
    this.limits = limits;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("transaction-sweeper").unstarted(this::run);
  }

  /** Starts it. */
  public TransactionSweeper start() {
    thread.start();
    return this;
  }

  private void run() {
    long ledgerAt = System.nanoTime() + LOCKS_EVERY.toNanos();
    while (!Thread.currentThread().isInterrupted()) {
      try {
        TimeUnit.NANOSECONDS.sleep(LOCKS_EVERY.toNanos());
        sweepLocks();
        if (System.nanoTime() - ledgerAt >= 0) {
          sweepLedger();
          ledgerAt = System.nanoTime() + LEDGER_EVERY.toNanos();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException | ExecutionException | TimeoutException e) {
        LOG.warn("transactions could not be swept; it is tried again", e);
      }
    }
  }

  private void sweepLocks() throws InterruptedException, ExecutionException, TimeoutException {
    ListLocksRequest request =
        ListLocksRequest.newBuilder()
            .setOlderThanMillis(limits.staleAfter())
            .setLimit(LOCKS_MAX)
            .build();
    for (NodeDescriptor node : router.catalog().nodes()) {
      ListLocksResponse answer = await(router.listLocks(new NodeId(node.getNodeId()), request));
      for (HeldLocks held : answer.getHeldList()) {
        settled(engine.settle(held));
      }
    }
  }

  private void sweepLedger() throws InterruptedException, ExecutionException, TimeoutException {
    CatalogSnapshot snapshot = router.catalog();
    for (Ring ring : snapshot.partitions().rings()) {
      if (ring.id() != SystemTables.LEDGER.ringId()) {
        continue;
      }
      for (Partition partition : ring.partitions()) {
        sweep(partition);
      }
    }
  }

  private void sweep(Partition partition)
      throws InterruptedException, ExecutionException, TimeoutException {
    ByteString after = ByteString.EMPTY;
    boolean more = true;
    while (more) {
      ByteString start = after;
      Routed<Page> routed =
          await(
              router.readPage(
                  _ ->
                      new Bound<>(
                          SystemTables.LEDGER.ringId(),
                          partition.range().first().bits(),
                          page(partition, start)),
                  true));
      if (!(routed instanceof Routed.Answer<Page>(Page page))) {
        return;
      }
      List<CompletableFuture<Boolean>> settled = new ArrayList<>();
      for (ByteString item : page.getItemsList()) {
        settled.add(engine.settle(EncodedItem.wrap(item)));
      }
      for (CompletableFuture<Boolean> one : settled) {
        settled(one);
      }
      more = page.hasLastEvaluatedKey();
      if (more) {
        after = position(EncodedItem.wrap(page.getLastEvaluatedKey()));
      }
    }
  }

  /** Where a page goes on: behind this row. */
  private ByteString position(EncodedItem key) {
    var itemKey = Ledger.key(router.catalog(), Entry.keyOf(key));
    return ByteString.copyFrom(
            java.nio.ByteBuffer.allocate(Long.BYTES).putLong(itemKey.getToken()).array())
        .concat(itemKey.getPartitionKey());
  }

  private ReadPageRequest.Builder page(Partition partition, ByteString after) {
    long now = clock.millis();
    return ReadPageRequest.newBuilder()
        .setTable(SystemTables.LEDGER.reference())
        .setScan(
            TokenRange.newBuilder()
                .setFirst(partition.range().first().bits())
                .setLast(partition.range().last().bits()))
        .setExclusiveStart(after)
        .setLimit(PAGE_ROWS)
        .setByteLimit(PAGE_BYTES)
        .setFilter(
            any(
                all(
                    compared(Ledger.STATE, Comparator.NOT_EQUAL, State.COMPLETED_VALUE),
                    compared(Ledger.CHANGED, Comparator.LESS_OR_EQUAL, now - limits.staleAfter())),
                compared(
                    Ledger.CHANGED,
                    Comparator.LESS_OR_EQUAL,
                    now - limits.tokenKept() - limits.tokenMargin())));
  }

  private static Condition compared(String attribute, Comparator comparator, long value) {
    return Condition.newBuilder()
        .setComparison(
            Comparison.newBuilder()
                .setComparator(comparator)
                .setLeft(Operand.newBuilder().setPath(Ledger.path(attribute)))
                .setRight(Operand.newBuilder().setValue(Ledger.number(value))))
        .build();
  }

  private static Condition all(Condition... conditions) {
    return Condition.newBuilder()
        .setAll(Conditions.newBuilder().addAllConditions(List.of(conditions)))
        .build();
  }

  private static Condition any(Condition... conditions) {
    return Condition.newBuilder()
        .setAny(Conditions.newBuilder().addAllConditions(List.of(conditions)))
        .build();
  }

  /** One that cannot be settled must not keep the others waiting. */
  private static void settled(CompletableFuture<Boolean> one) throws InterruptedException {
    try {
      var _ = await(one);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("a transaction could not be settled; it is tried again", e);
    }
  }

  private static <T> T await(CompletableFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
