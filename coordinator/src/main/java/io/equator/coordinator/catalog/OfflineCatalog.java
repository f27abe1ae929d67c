package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.CatalogEntry;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogObject;
import io.equator.proto.TableDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The catalog of a member that is not running: its image, and what the caller adds from the
 * member's log behind it. Changes no file.
 */
public final class OfflineCatalog {
  private final CatalogState state = new CatalogState();
  private long term;
  private long index = -1;

  private OfflineCatalog() {}

  /**
   * Reads the image in a member's directory; empty when none was written yet.
   *
   * @throws IOException when the image is damaged or of a newer version
   */
  public static OfflineCatalog read(Path directory) throws IOException {
    OfflineCatalog catalog = new OfflineCatalog();
    Optional<CatalogImage> image =
        new CatalogImageFile(directory.resolve(CatalogMachine.IMAGE_NAME), false).read();
    if (image.isPresent()) {
      catalog.state.load(image.get());
      catalog.term = image.get().getTerm();
      catalog.index = image.get().getLogIndex();
    }
    return catalog;
  }

  /** Index of the last entry that is in it; -1 when there is none. */
  public long logIndex() {
    return index;
  }

  /**
   * Applies the next entry of the log.
   *
   * @throws IOException when the bytes are no entry of a catalog's log
   */
  public void apply(long entryTerm, long entryIndex, ByteString entry) throws IOException {
    try {
      state.commit(CatalogEntry.parseFrom(entry).getCommit());
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("entry " + entryIndex + " is none of a catalog's log", e);
    }
    term = entryTerm;
    index = entryIndex;
  }

  /** Every object, in the order of keys. */
  public List<CatalogObject> objects() {
    return state.all();
  }

  /** The table with this name. */
  public Optional<TableDescriptor> table(String name) {
    return state.all().stream()
        .filter(object -> object.hasTable() && object.getTable().getName().equals(name))
        .map(CatalogObject::getTable)
        .findFirst();
  }

  /** All of it as text for people. */
  public String text() {
    return CatalogPrinter.print(state.toImage(term, Math.max(index, 0)));
  }
}
