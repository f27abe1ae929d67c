package io.equator.replication.catalog;

import io.equator.proto.CatalogEvent;
import io.equator.replication.catalog.ChecksummedFile.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process's copy of the catalog on disk, with which it can start when the catalog is away: a
 * {@link ChecksummedFile} with the magic "EQCC" and the format version 1. Its body is a
 * CatalogEvent (proto), full, with the revision; the object "cluster" says whose it is.
 *
 * <p>Whoever reads it must be content with less: it may be old, and a damaged one is as good as
 * none, since the catalog has the truth.
 */
public final class CatalogCopyFile {
  static final int MAGIC = 0x45514343;
  static final int VERSION = 1;

  private final Path path;
  private final ChecksummedFile file;

  /** The copy at this place. */
  public CatalogCopyFile(Path path) {
    this.path = path;
    this.file = new ChecksummedFile(path, MAGIC, VERSION, true);
  }

  /**
   * The copy; empty when there is none, or it is another cluster's.
   *
   * @param clusterId whose copy it must be
   * @throws IOException when it cannot be read, is damaged, or was written by a newer version
   */
  public Optional<CatalogEvent> read(String clusterId) throws IOException {
    return switch (file.read()) {
      case Found.Nothing() -> Optional.empty();
      case Found.AnotherKind() ->
          throw new IOException("the copy of the catalog " + path + " is damaged: it is none");
      case Found.AnotherVersion(int version) ->
          throw new IOException(
              "the copy of the catalog "
                  + path
                  + " has the format "
                  + version
                  + ", not "
                  + VERSION);
      case Found.Damaged() ->
          throw new IOException("the copy of the catalog " + path + " is damaged: wrong checksum");
      case Found.Body(ByteBuffer bytes) ->
          Optional.of(CatalogEvent.parseFrom(bytes)).filter(copy -> isOf(clusterId, copy));
    };
  }

  private static boolean isOf(String clusterId, CatalogEvent copy) {
    return CatalogSnapshot.empty()
        .with(copy)
        .cluster()
        .filter(cluster -> cluster.getClusterId().equals(clusterId))
        .isPresent();
  }

  /** Replaces the copy; it is durable when this returns. */
  public void write(CatalogEvent copy) throws IOException {
    file.write(copy.toByteArray());
  }
}
