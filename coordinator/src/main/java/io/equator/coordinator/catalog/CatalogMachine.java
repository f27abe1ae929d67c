package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogEntry;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogObject;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives {@link CatalogState} from the replicated log, and keeps its image on disk.
 *
 * <p>The log applies on one thread; readers and watchers come from others, so the state is guarded
 * by this object's monitor. Nothing is called while the monitor is held except watchers' queues,
 * which never block.
 *
 * <p>The image is written by {@link #flush()} only: between two flushes the log is the durable
 * form, and a restart replays it from the image's position.
 */
public final class CatalogMachine implements LogMachine {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogMachine.class);

  static final String IMAGE_NAME = "catalog.image";

  private final CatalogImageFile file;
  private final CatalogImageSource source;
  private final CatalogState state = new CatalogState();
  private final List<Consumer<CatalogEvent>> watchers = new ArrayList<>();

  /** Held while an image is written; taken before this object's own monitor, never after it. */
  private final Object flushing = new Object();

  private LogPosition applied = LogPosition.NONE;
  private LogPosition durable = LogPosition.NONE;

  /**
   * Opens the catalog member whose image stands in {@code directory}, which is made if need be.
   *
   * @param forced whether the image is forced to disk (false only for a database in memory)
   * @throws UncheckedIOException when the image is damaged or of a newer version
   */
  public CatalogMachine(Path directory, boolean forced) {
    this(directory, forced, CatalogImageSource.NONE);
  }

  /**
   * The same.
   *
   * @param source gives images of other members, when the log does not lead to the present any more
   */
  public CatalogMachine(Path directory, boolean forced, CatalogImageSource source) {
    this.source = source;
    this.file = new CatalogImageFile(directory.resolve(IMAGE_NAME), forced);
    try {
      Files.createDirectories(directory);
      Optional<CatalogImage> image = file.read();
      if (image.isPresent()) {
        state.load(image.get());
        applied = new LogPosition(image.get().getTerm(), image.get().getLogIndex());
        durable = applied;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized Object apply(long term, long index, ByteString entry) {
    if (index <= applied.index()) {
      // Only after an image was installed, and only at a follower: nobody waits for an answer.
      return CatalogCommitResponse.getDefaultInstance();
    }
    CatalogState.Change change;
    try {
      change = state.commit(CatalogEntry.parseFrom(entry).getCommit());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
    applied = new LogPosition(term, index);
    change.event().ifPresent(event -> watchers.forEach(watcher -> watcher.accept(event)));
    return change.response();
  }

  @Override
  public synchronized void advance(long term, long index) {
    if (index > applied.index()) {
      applied = new LogPosition(term, index);
    }
  }

  @Override
  public synchronized LogPosition durablePosition() {
    return durable;
  }

  @Override
  public LogPosition flush() {
    synchronized (flushing) {
      return writeImage();
    }
  }

  private LogPosition writeImage() {
    CatalogImage image;
    LogPosition position;
    synchronized (this) {
      if (applied.equals(durable)) {
        return durable;
      }
      position = applied;
      image = state.toImage(position.term(), position.index());
    }
    try {
      file.write(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    synchronized (this) {
      durable = position;
    }
    return position;
  }

  /** The whole state and its position, for another member. */
  synchronized CatalogImage image() {
    return state.toImage(applied.term(), applied.index());
  }

  /**
   * Replaces the state by another member's. The image is on disk before anything changes here, and
   * there in one step; so a crash leaves the old state or the new one.
   */
  @Override
  public CompletableFuture<Optional<LogPosition>> install(long atLeastIndex, List<NodeId> sources) {
    CompletableFuture<Optional<LogPosition>> result = new CompletableFuture<>();
    // The caller must not wait; the work is waiting for an answer and writing a small file.
    Thread.ofVirtual()
        .name("install-catalog")
        .start(
            () -> {
              try {
                result.complete(replace(atLeastIndex, sources));
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  private Optional<LogPosition> replace(long atLeastIndex, List<NodeId> sources)
      throws IOException {
    if (position().index() < atLeastIndex) {
      Optional<CatalogImage> image = source.fetch(atLeastIndex, sources);
      if (image.isPresent() && image.get().getLogIndex() >= atLeastIndex) {
        replace(image.get());
      }
    }
    // At 0 the log has everything from the beginning.
    return position().index() >= Math.max(0, atLeastIndex)
        ? Optional.of(flush())
        : Optional.empty();
  }

  private void replace(CatalogImage image) throws IOException {
    LogPosition position = new LogPosition(image.getTerm(), image.getLogIndex());
    synchronized (flushing) {
      if (position.index() <= position().index()) {
        return;
      }
      file.write(image);
      synchronized (this) {
        durable = position;
        if (position.index() > applied.index()) {
          state.load(image);
          applied = position;
          CatalogEvent everything = state.toFullEvent();
          watchers.forEach(watcher -> watcher.accept(everything));
        }
      }
    }
    LOG.info("the catalog was replaced by another member's, at {}", position);
  }

  private synchronized LogPosition position() {
    return applied;
  }

  @Override
  public void leadershipChanged(Leadership leadership) {
    // Only the log decides who may commit; the state does not depend on it.
  }

  /** Revision of the newest applied commit. */
  synchronized long revision() {
    return state.revision();
  }

  /** The named objects that exist, or all of them when {@code keys} is empty, of one revision. */
  synchronized Objects read(List<String> keys) {
    if (keys.isEmpty()) {
      return new Objects(state.revision(), state.all());
    }
    List<CatalogObject> found = new ArrayList<>(keys.size());
    for (String key : keys) {
      state.get(key).ifPresent(found::add);
    }
    return new Objects(state.revision(), found);
  }

  /** Objects as of a revision. */
  record Objects(long revision, List<CatalogObject> objects) {}

  /**
   * Starts a watch: {@code watcher} gets a full copy now and every later event in order. It is
   * called on the log's thread and must not block.
   *
   * @return ends the watch
   */
  synchronized Runnable watch(Consumer<CatalogEvent> watcher) {
    watcher.accept(state.toFullEvent());
    watchers.add(watcher);
    return () -> {
      synchronized (this) {
        watchers.remove(watcher);
      }
    };
  }
}
