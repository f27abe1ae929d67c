package io.equator.coordinator.catalog;

import io.equator.proto.CatalogImage;
import io.equator.replication.catalog.ChecksummedFile;
import io.equator.replication.catalog.ChecksummedFile.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The catalog's image on disk: a {@link ChecksummedFile} with the magic "EQCT" and the format
 * version 1. Its body is a CatalogImage (proto).
 *
 * <p>A damaged file stops the start; it is never skipped.
 */
final class CatalogImageFile {
  static final int MAGIC = 0x45514354;
  static final int VERSION = 1;

  private final Path path;
  private final ChecksummedFile file;

  /**
   * @param path the image's place
   * @param forced whether writes are forced to the disk (false only for a database in memory)
   */
  CatalogImageFile(Path path, boolean forced) {
    this.path = path;
    this.file = new ChecksummedFile(path, MAGIC, VERSION, forced);
  }

  /**
   * Reads the image; empty when there is none yet.
   *
   * @throws IOException when the file cannot be read, is damaged, or was written by a newer version
   */
  Optional<CatalogImage> read() throws IOException {
    return switch (file.read()) {
      case Found.Nothing() -> Optional.empty();
      case Found.AnotherKind() ->
          throw new IOException("catalog image " + path + " is damaged: not an image");
      case Found.AnotherVersion(int version) ->
          throw new IOException(
              "catalog image "
                  + path
                  + " has format version "
                  + version
                  + ", this version reads "
                  + VERSION);
      case Found.Damaged() ->
          throw new IOException(
              "catalog image " + path + " is damaged: checksum or length is wrong");
      case Found.Body(ByteBuffer bytes) -> Optional.of(CatalogImage.parseFrom(bytes));
    };
  }

  /** Replaces the image; it is durable when this returns. */
  void write(CatalogImage image) throws IOException {
    file.write(image.toByteArray());
  }
}
