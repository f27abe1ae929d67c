package io.equator.coordinator.catalog;

import io.equator.proto.CatalogImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The catalog's image on disk, replaced atomically.
 *
 * <pre>
 * offset  size  what
 * 0       4     magic "EQCT"
 * 4       4     format version, big-endian: 1
 * 8       4     CRC32C of the body
 * 12      4     length of the body in bytes
 * 16      n     body: CatalogImage (proto)
 * </pre>
 *
 * <p>Written to a second name, forced, renamed, and the directory forced: a crash leaves the old or
 * the new image, never a torn one. A damaged file stops the start; it is never skipped.
 */
final class CatalogImageFile {
  static final int MAGIC = 0x45514354;
  static final int VERSION = 1;
  private static final int HEADER_SIZE = 16;

  private final Path path;
  private final boolean forced;

  /**
   * @param path the image's place
   * @param forced whether writes are forced to the disk (false only for a database in memory)
   */
  CatalogImageFile(Path path, boolean forced) {
    this.path = path;
    this.forced = forced;
  }

  /**
   * Reads the image; empty when there is none yet.
   *
   * @throws IOException when the file cannot be read, is damaged, or was written by a newer version
   */
  Optional<CatalogImage> read() throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
    if (file.remaining() < HEADER_SIZE || file.getInt() != MAGIC) {
      throw new IOException("catalog image " + path + " is damaged: not an image");
    }
    int version = file.getInt();
    if (version != VERSION) {
      throw new IOException(
          "catalog image "
              + path
              + " has format version "
              + version
              + ", this version reads "
              + VERSION);
    }
    int checksum = file.getInt();
    int length = file.getInt();
    if (length != file.remaining() || checksum != checksum(file.duplicate())) {
      throw new IOException("catalog image " + path + " is damaged: checksum or length is wrong");
    }
    return Optional.of(CatalogImage.parseFrom(file));
  }

  /** Replaces the image; it is durable when this returns. */
  void write(CatalogImage image) throws IOException {
    byte[] body = image.toByteArray();
    ByteBuffer file = ByteBuffer.allocate(HEADER_SIZE + body.length);
    file.putInt(MAGIC)
        .putInt(VERSION)
        .putInt(checksum(ByteBuffer.wrap(body)))
        .putInt(body.length)
        .put(body)
        .flip();
    Path next = path.resolveSibling(path.getFileName() + ".next");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (file.hasRemaining()) {
        channel.write(file);
      }
      if (forced) {
        channel.force(true);
      }
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (forced) {
      forceDirectory();
    }
  }

  private void forceDirectory() throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
