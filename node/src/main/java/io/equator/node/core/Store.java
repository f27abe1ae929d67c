package io.equator.node.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The port to a node's store: ordered families of rows, changed by atomic batches.
 *
 * <p>A committed batch is visible at once and survives a power loss after the next {@link
 * #flush()}; what a flush makes durable is always the effect of whole batches, over all families,
 * in the order in which they were committed. There is no log of its own: the Raft log stands in for
 * it.
 */
public interface Store extends StoreView, AutoCloseable {
  /**
   * An empty batch for one user at a time, reused after {@link RowBatch#clear()}; the caller closes
   * it.
   */
  RowBatch newBatch();

  /**
   * Makes every change of the batch, or none.
   *
   * @throws StoreException when the store cannot be written; the replica must stop
   */
  void commit(RowBatch batch);

  /**
   * Gives back whatever space lies wholly inside of a range whose rows nobody will read any more;
   * any number of its rows may stay.
   */
  void dropFiles(Family family, byte[] lowerInclusive, byte[] upperExclusive);

  /**
   * Begins a file of rows of a family, to be taken in by another store.
   *
   * @param path a file that is not there yet
   * @throws StoreException when it cannot be made
   */
  RowFile newFile(Family family, Path path);

  /**
   * Takes in all rows of such files, which replace rows of the same keys, all of the files or none;
   * durable when this returns. The files are taken away.
   *
   * @param files of this family; their keys do not overlap
   * @throws StoreException when a file is damaged or the store failed
   */
  void ingest(Family family, List<Path> files);

  /** The state at this moment, for reads that need more than one cursor; the caller closes it. */
  FixedView snapshot();

  /**
   * Makes everything that was committed before durable.
   *
   * @throws StoreException when that failed; the store is not to be trusted with writes any more
   */
  void flush();

  /** Why the store must not be led from any more (a background write failed), if so. */
  Optional<String> failure();

  @Override
  void close();

  /** A fixed state of the store. */
  interface FixedView extends StoreView, AutoCloseable {
    @Override
    void close();
  }
}
