package io.equator.node.snapshots;

import com.google.protobuf.ByteString;
import io.equator.node.core.Family;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.StoreException;
import io.equator.proto.SnapshotEnd;
import io.equator.proto.SnapshotFile;
import io.equator.proto.SnapshotHeader;
import io.equator.proto.SnapshotManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A state of a partition that comes from another node: a directory that fills.
 *
 * <pre>
 *   &lt;snapshot id&gt;/
 *     0.sst 1.sst …   files, each checked and forced when it is whole
 *     manifest        written when everything is there: magic "EQSM" (4) | version (1) = 1 |
 *                     CRC32C of the rest (4) | SnapshotManifest
 *     taking/         links to the files of a family while the store takes them in
 * </pre>
 *
 * <p>Used by one thread at a time.
 */
final class IncomingSnapshot implements ArrivedState, AutoCloseable {
  private static final int MAGIC = 0x4551534d;
  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 9;
  private static final String MANIFEST = "manifest";

  private final Path directory;
  private final SnapshotHeader header;
  private final List<SnapshotFile> files = new ArrayList<>();
  private final CRC32C checksum = new CRC32C();
  private @Nullable FileChannel open;
  private long offset;
  private boolean complete;

  private IncomingSnapshot(Path directory, SnapshotHeader header) {
    this.directory = directory;
    this.header = header;
  }

  /** Begins to receive the state of this header in a directory of its own under {@code parent}. */
  static IncomingSnapshot begin(Path parent, SnapshotHeader header) throws IOException {
    Path directory = parent.resolve(HexFormat.of().formatHex(header.getSnapshotId().toByteArray()));
    Directories.deleteQuietly(directory);
    Files.createDirectories(directory);
    return new IncomingSnapshot(directory, header);
  }

  /**
   * Finds one that had come whole, and checks every byte of it.
   *
   * @throws IOException when something is missing or damaged
   */
  static IncomingSnapshot find(Path parent, String name) throws IOException {
    Path directory = parent.resolve(name);
    byte[] bytes = Files.readAllBytes(directory.resolve(MANIFEST));
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER_BYTES || in.getInt() != MAGIC || in.get() != VERSION) {
      throw new IOException("the manifest in " + directory + " has an unknown format");
    }
    CRC32C read = new CRC32C();
    read.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
    if (in.getInt() != (int) read.getValue()) {
      throw new IOException("the manifest in " + directory + " is damaged");
    }
    SnapshotManifest manifest = SnapshotManifest.parseFrom(in);
    IncomingSnapshot found = new IncomingSnapshot(directory, manifest.getHeader());
    for (SnapshotFile file : manifest.getFilesList()) {
      Path path = found.path(file.getNumber());
      if (Files.size(path) != file.getBytes() || Checksums.of(path) != file.getCrc32C()) {
        throw new IOException(path + " is damaged");
      }
      found.files.add(file);
    }
    found.complete = true;
    return found;
  }

  SnapshotHeader header() {
    return header;
  }

  /** The name of its directory. */
  @Override
  public String name() {
    return String.valueOf(directory.getFileName());
  }

  @Override
  public Applied position() {
    return new Applied(
        header.getTerm(), header.getIndex(), header.getDecidedTerm(), header.getSequence());
  }

  /** The file that comes next, or goes on. */
  int nextFile() {
    return files.size();
  }

  /** Where it goes on. */
  long offset() {
    return offset;
  }

  long bytes() {
    return files.stream().mapToLong(SnapshotFile::getBytes).sum();
  }

  /** Adds bytes to the file that is coming. */
  void add(ByteString data) throws IOException {
    FileChannel channel = open;
    if (channel == null) {
      channel =
          FileChannel.open(
              path(files.size()), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      open = channel;
    }
    for (ByteBuffer part : data.asReadOnlyByteBufferList()) {
      checksum.update(part.duplicate());
      while (part.hasRemaining()) {
        channel.write(part);
      }
    }
    offset += data.size();
  }

  /**
   * Ends the file that is coming.
   *
   * @throws IOException when it is not what was sent
   */
  void end(SnapshotFile file) throws IOException {
    FileChannel channel = open;
    if (channel == null
        || file.getNumber() != files.size()
        || file.getBytes() != offset
        || file.getCrc32C() != (int) checksum.getValue()) {
      throw new SnapshotFetcher.DamagedException(
          "file " + files.size() + " of a state did not come as it was sent");
    }
    family(file);
    channel.force(true);
    channel.close();
    open = null;
    offset = 0;
    checksum.reset();
    files.add(file);
  }

  /**
   * Everything has come: it can be found from now on, also after a crash.
   *
   * @throws IOException when something is missing
   */
  void end(SnapshotEnd end) throws IOException {
    if (open != null || end.getFiles() != files.size()) {
      throw new SnapshotFetcher.DamagedException(
          "a state has " + end.getFiles() + " files, but " + files.size() + " have come");
    }
    byte[] body =
        SnapshotManifest.newBuilder().setHeader(header).addAllFiles(files).build().toByteArray();
    CRC32C written = new CRC32C();
    written.update(body);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + body.length);
    out.putInt(MAGIC).put(VERSION).putInt((int) written.getValue()).put(body).flip();
    Path next = directory.resolve(MANIFEST + ".next");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (out.hasRemaining()) {
        channel.write(out);
      }
      channel.force(true);
    }
    Files.move(next, directory.resolve(MANIFEST), StandardCopyOption.ATOMIC_MOVE);
    Directories.force(directory);
    Path parent = directory.getParent();
    if (parent != null) {
      Directories.force(parent);
    }
    complete = true;
  }

  boolean isComplete() {
    return complete;
  }

  /** Links, because the store takes the files away and a crash may want them again. */
  @Override
  public List<Path> of(Family family) {
    Path taking = directory.resolve("taking");
    List<Path> links = new ArrayList<>();
    try {
      Files.createDirectories(taking);
      for (SnapshotFile file : files) {
        if (family(file) == family) {
          Path link = taking.resolve(file.getNumber() + ".sst");
          Files.deleteIfExists(link);
          link(link, path(file.getNumber()));
          links.add(link);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return links;
  }

  private static void link(Path link, Path file) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (UnsupportedOperationException e) {
      Files.copy(file, link);
    }
  }

  private static Family family(SnapshotFile file) {
    for (Family family : Family.values()) {
      if (family.storedName().equals(file.getFamily())) {
        return family;
      }
    }
    throw new StoreException(
        "a state has rows of the family "
            + file.getFamily()
            + ", which this version does not know");
  }

  private Path path(int number) {
    return directory.resolve(number + ".sst");
  }

  /** Deletes everything. */
  void delete() {
    close();
    Directories.deleteQuietly(directory);
  }

  /** Lets go of the file that is coming. */
  @Override
  public void close() {
    FileChannel channel = open;
    open = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
