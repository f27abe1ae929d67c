package io.equator.replication.catalog;

import io.equator.proto.CatalogEvent;
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
 * A process's copy of the catalog on disk, with which it can start when the catalog is away.
 *
 * <pre>
 * offset  size  what
 * 0       4     magic "EQCC"
 * 4       4     format version, big-endian: 1
 * 8       4     CRC32C of the body
 * 12      4     length of the body in bytes
 * 16      n     body: CatalogEvent (proto), full, with the revision; the object "cluster" says whose it is
 * </pre>
 *
 * <p>Written to a second name, forced and renamed: a crash leaves the old or the new copy. Whoever
 * reads it must be content with less: it may be old, and a damaged one is as good as none, since
 * the catalog has the truth.
 */
public final class CatalogCopyFile {
  static final int MAGIC = 0x45514343;
  static final int VERSION = 1;
  private static final int HEADER_SIZE = 16;

  private final Path path;

  /** The copy at this place. */
  public CatalogCopyFile(Path path) {
    this.path = path;
  }

  /**
   * The copy; empty when there is none, or it is another cluster's.
   *
   * @param clusterId whose copy it must be
   * @throws IOException when it cannot be read, is damaged, or was written by a newer version
   */
  public Optional<CatalogEvent> read(String clusterId) throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
    if (file.remaining() < HEADER_SIZE || file.getInt() != MAGIC) {
      throw new IOException("the copy of the catalog " + path + " is damaged: it is none");
    }
    int version = file.getInt();
    if (version != VERSION) {
      throw new IOException(
          "the copy of the catalog " + path + " has the format " + version + ", not " + VERSION);
    }
    int checksum = file.getInt();
    int length = file.getInt();
    if (length != file.remaining() || checksum != checksum(file.duplicate())) {
      throw new IOException("the copy of the catalog " + path + " is damaged: wrong checksum");
    }
    CatalogEvent copy = CatalogEvent.parseFrom(file);
    boolean ours =
        CatalogSnapshot.empty()
            .with(copy)
            .cluster()
            .filter(cluster -> cluster.getClusterId().equals(clusterId))
            .isPresent();
    return ours ? Optional.of(copy) : Optional.empty();
  }

  /** Replaces the copy; it is durable when this returns. */
  public void write(CatalogEvent copy) throws IOException {
    byte[] body = copy.toByteArray();
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
      channel.force(true);
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
