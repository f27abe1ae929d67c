package io.equator.node.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A node's store as the readers of one state of a partition see it: once the state begins to be
 * replaced they read nothing more, and what they had read before is whole.
 *
 * <p>Each read looks at the fence afterwards: one that passes began before the first row of the
 * state was removed. A cursor shows one moment, so looking when it is opened is enough.
 *
 * <p>Closing it closes nothing: the store belongs to the node.
 */
public final class FencedStore implements Store {
  private final Store store;
  private volatile boolean down;

  /** Everything of {@code store}, until {@link #lower}. */
  public FencedStore(Store store) {
    this.store = store;
  }

  /** From now on every read fails. */
  public void lower() {
    down = true;
  }

  private void check() {
    if (down) {
      throw new StoreException("the partition's state is being replaced");
    }
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) {
    byte[] value = store.get(family, key);
    check();
    return value;
  }

  @Override
  public RowCursor cursor(Family family, byte[] lowerInclusive, byte[] upperExclusive) {
    RowCursor cursor = store.cursor(family, lowerInclusive, upperExclusive);
    if (down) {
      cursor.close();
      check();
    }
    return cursor;
  }

  @Override
  public FixedView snapshot() {
    FixedView view = store.snapshot();
    if (down) {
      view.close();
      check();
    }
    return view;
  }

  @Override
  public RowBatch newBatch() {
    return store.newBatch();
  }

  @Override
  public void commit(RowBatch batch) {
    check();
    store.commit(batch);
  }

  @Override
  public void dropFiles(Family family, byte[] lowerInclusive, byte[] upperExclusive) {
    store.dropFiles(family, lowerInclusive, upperExclusive);
  }

  @Override
  public RowFile newFile(Family family, Path path) {
    return store.newFile(family, path);
  }

  @Override
  public void ingest(Family family, List<Path> files) {
    store.ingest(family, files);
  }

  @Override
  public void flush() {
    store.flush();
  }

  @Override
  public Optional<String> failure() {
    return store.failure();
  }

  @Override
  public void close() {}
}
