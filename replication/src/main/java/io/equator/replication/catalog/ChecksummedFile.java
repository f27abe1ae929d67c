package io.equator.replication.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A file with one body, which is replaced as a whole. What the body is, its owner says, and also
 * what it thinks of a damaged one.
 *
 * <pre>
 * offset  size  what
 * 0       4     magic: what the file is
 * 4       4     format version, big-endian
 * 8       4     CRC32C of the body
 * 12      4     length of the body in bytes
 * 16      n     body
 * </pre>
 *
 * <p>Written to a second name, forced, renamed, and the directory forced: a crash leaves the old or
 * the new body, never a torn one.
 */
public final class ChecksummedFile {
  private static final int HEADER_SIZE = 16;

  private final Path path;
  private final int magic;
  private final int version;
  private final boolean forced;

  /**
   * @param path the file's place
   * @param magic what the file is
   * @param version the format of its body that is read and written
   * @param forced whether writes are forced to the disk (false only for what is to be gone with the
   *     process)
   */
  public ChecksummedFile(Path path, int magic, int version, boolean forced) {
    this.path = path;
    this.magic = magic;
    this.version = version;
    this.forced = forced;
  }

  /** What stands at the file's place. */
  public sealed interface Found {
    /** Nothing yet. */
    record Nothing() implements Found {}

    /** A file that is none of this kind, or has not even a head. */
    record AnotherKind() implements Found {}

    /** The format is another one, in all likelihood of a newer version of the program. */
    record AnotherVersion(int version) implements Found {}

    /** The body is not what was written, or not as long. */
    record Damaged() implements Found {}

    /** The body; the buffer is the caller's. */
    record Body(ByteBuffer bytes) implements Found {}
  }

  /**
   * Reads and checks all of it.
   *
   * @throws IOException when it cannot be read; what is wrong with what was read is an answer
   */
  public Found read() throws IOException {
    if (!Files.exists(path)) {
      return new Found.Nothing();
    }
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
    if (file.remaining() < HEADER_SIZE || file.getInt() != magic) {
      return new Found.AnotherKind();
    }
    int written = file.getInt();
    if (written != version) {
      return new Found.AnotherVersion(written);
    }
    int checksum = file.getInt();
    int length = file.getInt();
    return length != file.remaining() || checksum != checksum(file.duplicate())
        ? new Found.Damaged()
        : new Found.Body(file);
  }

  /** Replaces the body; it is durable when this returns, if the file is forced. */
  public void write(byte[] body) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(HEADER_SIZE + body.length);
    file.putInt(magic)
        .putInt(version)
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
