package io.equator.node.core;

import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.MetaRows.Replacing;
import io.equator.proto.SealedPartition;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Replaces the state of one partition in a store by files that came from another replica.
 *
 * <pre>
 *   MARK    the mark says which files, and is durable; from here on there is no way back
 *   DELETE  every row of the partition goes
 *   INGEST  the files are taken in, family by family
 *   FINISH  the position of the new state is written and the mark removed, in one batch; durable
 * </pre>
 *
 * <p><b>After a crash</b> the mark is found when the partition is opened. Whatever was reached, the
 * steps from DELETE on are made again with the same files: deleting removes also what had been
 * taken in, so the end is the same. While the mark stands nobody may read the partition's rows.
 * RocksDB makes a file durable when it is taken in, and a deletion only with the next flush; that
 * order does not matter here for the same reason.
 *
 * <p>Rows are deleted one by one, after whole files of them were dropped: the store's row cache
 * does not allow range deletions, see {@link DroppedRows}.
 */
public final class StateReplacement {
  /** The steps, for tests that crash before one of them. */
  public enum Step {
    /** Nothing has changed yet. */
    MARK,
    /** The mark is durable. */
    DELETE,
    /** The old rows are gone. Comes again before each family. */
    INGEST,
    /** The new rows are there. */
    FINISH
  }

  /** Told of each step before it is made. */
  @FunctionalInterface
  public interface StepListener {
    /** Nobody listens. */
    StepListener NONE = _ -> {};

    /** {@code step} comes next. */
    void before(Step step);
  }

  /** Gives the files of a family, afresh each time: the store takes them away. */
  @FunctionalInterface
  public interface Files {
    /** In ascending order of their keys, which do not overlap; empty when it has no rows. */
    List<Path> of(Family family);
  }

  private final Store store;
  private final long partition;
  private final Descriptor descriptor;
  private final StepListener listener;

  /** Replaces the state of {@code partition}, whose machine must have stopped. */
  public StateReplacement(
      Store store, long partition, Descriptor descriptor, StepListener listener) {
    this.store = store;
    this.partition = partition;
    this.descriptor = descriptor;
    this.listener = listener;
  }

  /** The mark of a replacement that has not come to its end, if there is one. */
  public static Optional<Replacing> unfinished(StoreView store, long partition) {
    byte[] row = store.get(Family.META, MetaRows.replacingKey(partition));
    return row == null ? Optional.empty() : Optional.of(Replacing.of(row));
  }

  /**
   * Notes in a store that has nothing of a partition that a state has to come, at least as new as
   * {@code position}; durable with the next flush.
   */
  public static void awaited(Store store, long partition, Applied position) {
    try (RowBatch batch = store.newBatch()) {
      batch.put(Family.META, MetaRows.replacingKey(partition), new Replacing(position, "").row());
      store.commit(batch);
    }
  }

  /**
   * Gives a store a partition that has been split, sealed from the beginning, whose state has to
   * come: one that holds the seal, and what an earlier mark asks for. Durable when this returns;
   * may be done again.
   *
   * @param node whose store it is
   * @param end where the partition was sealed, and who has its rows
   */
  public static void awaitSealed(
      Store store, long partition, Descriptor descriptor, String node, SealedPartition end) {
    Applied sealed = new Applied(0, end.getIndex(), 0, 0);
    Applied least =
        unfinished(store, partition)
            .map(Replacing::position)
            .filter(position -> position.index() > sealed.index())
            .orElse(sealed);
    // All or nothing, and the seal with the descriptor: whoever throws the partition away must know
    // that the rows under its tokens are not its own.
    try (RowBatch batch = store.newBatch()) {
      MetaRows.settle(batch, partition, descriptor, node);
      batch.put(Family.META, SplitRows.key(SplitRows.SEALED, partition), SplitRows.row(end));
      batch.put(Family.META, MetaRows.replacingKey(partition), new Replacing(least, "").row());
      store.commit(batch);
    }
    store.flush();
  }

  /**
   * Notes that the state that is there is not to be trusted: it is not read any more, and goes when
   * another replica's has come, which must be at least as new. Durable when this returns.
   */
  public void condemn() {
    mark(new Replacing(MetaRows.applied(store, partition), ""));
  }

  /**
   * Makes all steps.
   *
   * @param name under which {@code files} are found again after a crash
   * @param position of the new state
   * @throws StoreException when the store failed; the mark may stand
   */
  public void run(String name, Applied position, Files files) {
    listener.before(Step.MARK);
    mark(new Replacing(position, name));
    goOn(position, files);
  }

  /**
   * Notes that other files have to be found: those that the mark names are of no use. The position
   * stays, as the least that the new state must have.
   */
  public void forgetFiles(Replacing mark) {
    mark(new Replacing(mark.position(), ""));
  }

  private void mark(Replacing mark) {
    try (RowBatch batch = store.newBatch()) {
      batch.put(Family.META, MetaRows.replacingKey(partition), mark.row());
      store.commit(batch);
    }
    store.flush();
  }

  /** Makes the steps behind the mark, again when need be. */
  public void goOn(Applied position, Files files) {
    listener.before(Step.DELETE);
    for (Family family : Family.values()) {
      for (RowRange range : PartitionRows.of(store, family, partition, descriptor)) {
        if (!isSeal(range)) {
          store.dropFiles(family, range.lower(), range.upper());
          ForgottenPartition.delete(store, range);
        }
      }
    }
    for (Family family : Family.values()) {
      listener.before(Step.INGEST);
      List<Path> paths = files.of(family);
      if (!paths.isEmpty()) {
        store.ingest(family, paths);
      }
    }
    listener.before(Step.FINISH);
    try (RowBatch batch = store.newBatch()) {
      batch.put(Family.META, MetaRows.appliedKey(partition), MetaRows.applied(position));
      batch.delete(Family.META, MetaRows.replacingKey(partition));
      // What it would have taken over has come with the files.
      batch.delete(Family.META, SplitRows.key(SplitRows.HANDOVER, partition));
      store.commit(batch);
    }
    store.flush();
  }

  /**
   * The seal of a partition stays: were it gone after a crash, the next attempt would take the rows
   * of its heirs for its own. A new state of a sealed partition is sealed, too.
   */
  private boolean isSeal(RowRange range) {
    return range.family() == Family.META
        && Arrays.equals(range.lower(), SplitRows.key(SplitRows.SEALED, partition));
  }
}
