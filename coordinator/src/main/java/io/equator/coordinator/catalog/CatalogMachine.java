package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
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
import java.util.function.Consumer;

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
  static final String IMAGE_NAME = "catalog.image";

  private final CatalogImageFile file;
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
      throw new IllegalStateException("catalog entry " + index + " after " + applied);
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
    applied = new LogPosition(term, index);
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
