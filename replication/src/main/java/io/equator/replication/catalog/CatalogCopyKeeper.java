package io.equator.replication.catalog;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every new copy of the catalog to disk, at most once a second: a copy that is a second old
 * serves as well, and a catalog that changes all the time must not keep a disk busy.
 */
public final class CatalogCopyKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogCopyKeeper.class);
  private static final long PAUSE_MILLIS = 1_000;

  private final CatalogFollower follower;
  private final CatalogCopyFile file;
  private final Semaphore changed = new Semaphore(0);
  private final Thread thread;
  private long written;

  /** A keeper that has not started. */
  public CatalogCopyKeeper(CatalogFollower follower, CatalogCopyFile file) {
    this.follower = follower;
    this.file = file;
    this.thread = Thread.ofVirtual().name("catalog-copy").unstarted(this::run);
  }

  /** Starts it. */
  public CatalogCopyKeeper start() {
    written = follower.snapshot().revision();
    follower.listen(_ -> changed.release());
    thread.start();
    return this;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        changed.acquire();
        changed.drainPermits();
        writeIfNewer();
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void writeIfNewer() {
    CatalogSnapshot snapshot = follower.snapshot();
    if (snapshot.cluster().isEmpty() || snapshot.revision() <= written) {
      return;
    }
    try {
      file.write(snapshot.toEvent());
      written = snapshot.revision();
    } catch (IOException e) {
      LOG.warn("the copy of the catalog cannot be written; it is tried again", e);
      changed.release();
    }
  }

  /** Writes the last copy. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writeIfNewer();
  }
}
