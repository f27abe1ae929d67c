package io.equator.node.snapshots;

import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.MetaRows.Replacing;
import io.equator.node.core.StateReplacement;
import io.equator.node.core.StateReplacement.StepListener;
import io.equator.node.core.Store;
import io.equator.partitioner.NodeId;
import io.equator.proto.PartitionRef;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings states of partitions from other nodes into this node's store.
 *
 * <p>While a state is fetched the replica has what it had. Only when every byte of it is here,
 * checked and on disk, is it put in place; see {@link StateReplacement} for a crash in between.
 *
 * <p>Threads: any; one at a time for each partition.
 */
public final class Installer {
  private static final Logger LOG = LoggerFactory.getLogger(Installer.class);

  /** Prepares what must fit a state before the state is there. */
  @FunctionalInterface
  public interface BeforeReplacement {
    /** A state that ends here comes next. */
    void prepare(Applied position) throws IOException;
  }

  private final Store store;
  private final Path directory;
  private final StateSource source;
  private final StepListener steps;

  /**
   * @param directory where states arrive
   * @param channels to every node; null for one that is not known
   */
  public Installer(Store store, Path directory, Function<NodeId, @Nullable Channel> channels) {
    this(store, directory, channels, StepListener.NONE);
  }

  Installer(
      Store store,
      Path directory,
      Function<NodeId, @Nullable Channel> channels,
      StepListener steps) {
    this.store = store;
    this.directory = directory;
    this.source =
        (partition, descriptor, atLeastIndex, sources) ->
            fetch(channels, partition, descriptor, atLeastIndex, sources);
    this.steps = steps;
  }

  /** States come from this source, and what came before a crash is of no use. */
  public Installer(Store store, StateSource source) {
    this.store = store;
    this.directory = Path.of("nowhere");
    this.source = source;
    this.steps = StepListener.NONE;
  }

  Store store() {
    return store;
  }

  /**
   * Fetches a state that holds the entry at {@code atLeastIndex}, or a later one.
   *
   * @return empty when nobody gave one
   */
  Optional<ArrivedState> fetch(
      long partition, Descriptor descriptor, long atLeastIndex, List<NodeId> sources)
      throws IOException, InterruptedException {
    return source.fetch(partition, descriptor, atLeastIndex, sources);
  }

  private Optional<ArrivedState> fetch(
      Function<NodeId, @Nullable Channel> channels,
      long partition,
      Descriptor descriptor,
      long atLeastIndex,
      List<NodeId> sources)
      throws IOException, InterruptedException {
    Directories.deleteQuietly(arrivals(partition));
    PartitionRef reference =
        PartitionRef.newBuilder().setPartitionId(partition).setEpoch(descriptor.epoch()).build();
    long began = System.nanoTime();
    Optional<IncomingSnapshot> fetched =
        new SnapshotFetcher(channels, arrivals(partition)).fetch(reference, atLeastIndex, sources);
    fetched.ifPresent(
        state ->
            LOG.info(
                "the state of partition {} at {} has come: {} files, {} bytes in {} ms",
                partition,
                state.position().index(),
                state.nextFile(),
                state.bytes(),
                (System.nanoTime() - began) / 1_000_000));
    return fetched.map(state -> state);
  }

  /** Puts a state in place of what the store has; the partition's machine must have stopped. */
  void replace(long partition, Descriptor descriptor, ArrivedState state) {
    new StateReplacement(store, partition, descriptor, steps)
        .run(state.name(), state.position(), state);
    Directories.deleteQuietly(arrivals(partition));
  }

  /** Whether the store was left in the middle of a replacement: the partition must not be read. */
  public boolean isUnfinished(long partition) {
    return StateReplacement.unfinished(store, partition).isPresent();
  }

  /**
   * Brings an unfinished replacement to its end: with the files that are there, or, when they are
   * damaged, with a state that is fetched anew.
   *
   * @param sources nodes that have a replica
   * @param before is told where the state ends that is about to be put in place; when it fails
   *     nothing changes
   * @return false when it has to be tried again later
   */
  public boolean finish(
      long partition, Descriptor descriptor, List<NodeId> sources, BeforeReplacement before)
      throws IOException, InterruptedException {
    Optional<Replacing> mark = StateReplacement.unfinished(store, partition);
    if (mark.isEmpty()) {
      return true;
    }
    if (mark.get().name().isEmpty()) {
      LOG.info("the state of partition {} has to come from another node", partition);
    } else {
      LOG.warn(
          "the state of partition {} was being replaced when the node stopped; that goes on",
          partition);
    }
    Optional<ArrivedState> state = found(partition, descriptor, mark.get());
    if (state.isEmpty()) {
      state = fetch(partition, descriptor, mark.get().position().index(), sources);
    }
    if (state.isEmpty()) {
      return false;
    }
    before.prepare(state.get().position());
    replace(partition, descriptor, state.get());
    return true;
  }

  private Optional<ArrivedState> found(long partition, Descriptor descriptor, Replacing mark) {
    if (mark.name().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(IncomingSnapshot.find(arrivals(partition), mark.name()));
    } catch (IOException e) {
      LOG.error("the files for partition {} are of no use; they are fetched again", partition, e);
      new StateReplacement(store, partition, descriptor, steps).forgetFiles(mark);
      return Optional.empty();
    }
  }

  private Path arrivals(long partition) {
    return directory.resolve("partition-" + partition);
  }

  /** Whether files of a partition are there, for tests. */
  boolean hasFiles(long partition) {
    return Files.exists(arrivals(partition));
  }
}
