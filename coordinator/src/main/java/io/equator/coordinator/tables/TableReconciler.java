package io.equator.coordinator.tables;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every table to where its descriptor says that it is going.
 *
 * <p>Level-triggered: each change of the catalog is looked at for tables with something under way,
 * and such a table is worked on step by step ({@link TableLifecycle}) until nothing is. Nothing is
 * remembered between steps but the catalog, so a crash loses nothing: the next start, or another
 * coordinator, finds the table as it was left. Every coordinator does this; a step that another one
 * has made first fails its comparison, and the next one is looked for.
 *
 * <p>One virtual thread per table at work, at most {@value #AT_WORK_MAX} committing at a time.
 */
public final class TableReconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableReconciler.class);
  private static final int AT_WORK_MAX = 16;
  private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(5);
  private static final long PAUSE_MILLIS = 200;

  private final CatalogClient client;
  private final CatalogFollower follower;
  private final Predicate<TableDescriptor> indexesBuilt;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore atWork = new Semaphore(AT_WORK_MAX);
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * A reconciler; {@link #start} sets it to work.
   *
   * @param indexesBuilt whether no index of a table is still being built; may block for a while
   * @param clock the wall's time
   */
  public TableReconciler(
      CatalogClient client,
      CatalogFollower follower,
      Predicate<TableDescriptor> indexesBuilt,
      InstantSource clock) {
    this.client = client;
    this.follower = follower;
    this.indexesBuilt = indexesBuilt;
    this.clock = clock;
  }

  /** Looks at the catalog as it is, and at every change from now on. */
  public void start() {
    follower.listen(this::look);
  }

  /** On the watch's thread: must not block. */
  private void look(CatalogSnapshot snapshot) {
    for (TableView table : snapshot.tables().values()) {
      if (TableLifecycle.isPending(table.descriptor())) {
        begin(table.name());
      }
    }
    for (TableView dropped : snapshot.droppedTables()) {
      if (isForgotten(dropped)) {
        begin(() -> forget(dropped));
      }
    }
  }

  private boolean isForgotten(TableView dropped) {
    return dropped.descriptor().getPastStreamsList().stream()
        .allMatch(past -> FeatureRules.isOver(past, clock.millis()));
  }

  /** The last stream of a deleted table cannot be read any more. */
  private void forget(TableView dropped) {
    try {
      commit(TableCatalog.forgetting(dropped));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin(String table) {
    if (closed.getCount() > 0 && running.add(table)) {
      begin(() -> work(table));
    }
  }

  private void begin(Runnable work) {
    try {
      threads.execute(work);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed: it is left to others", e);
    }
  }

  private void work(String table) {
    try {
      boolean more = true;
      while (more && closed.getCount() > 0) {
        more = step(table);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running.remove(table);
    }
    // A change between the last look and the removal was not begun by its event.
    if (isPending(table)) {
      begin(table);
    }
  }

  private boolean isPending(String table) {
    return follower
        .snapshot()
        .table(table)
        .map(view -> TableLifecycle.isPending(view.descriptor()))
        .orElse(false);
  }

  /** Makes one step; false when nothing is under way. */
  private boolean step(String table) throws InterruptedException {
    Optional<TableView> view = follower.snapshot().table(table);
    if (view.isEmpty()) {
      return false;
    }
    long version = view.get().version();
    switch (TableLifecycle.next(view.get().descriptor())) {
      case TableLifecycle.Step.Rest _ -> {
        return false;
      }
      case TableLifecycle.Step.Become become -> {
        if (!indexesBuilt.test(view.get().descriptor())) {
          closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
          return true;
        }
        LOG.debug("table {} becomes {}", table, become.next().getStatus());
        commit(TableCatalog.replacing(table, version, become.next()));
      }
      case TableLifecycle.Step.Remove _ -> {
        LOG.info("table {} (number {}) is removed", table, view.get().id());
        commit(TableCatalog.removing(view.get(), clock.millis()));
      }
    }
    return true;
  }

  /** Committed or conflict: in both cases the copy must catch up before the next look. */
  private void commit(CatalogCommitRequest commit) throws InterruptedException {
    atWork.acquire();
    try {
      CatalogCommitResponse answer = client.commit(commit);
      follower.awaitRevision(answer.getRevision(), FOLLOW_LIMIT).join();
    } catch (CatalogUnavailableException | CompletionException e) {
      LOG.warn("a step of the control plane has to be tried again: {}", e.getMessage());
      closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } finally {
      atWork.release();
    }
  }

  /** Stops working; what is under way is left as it is. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    threads.shutdownNow();
    threads.close();
  }
}
