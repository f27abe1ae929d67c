package io.equator.node;

import io.equator.node.core.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's directory: one process at a time, one format, one node.
 *
 * <pre>
 *   equator.lock   locked while a process uses the directory
 *   FORMAT         line 1 "equator-store &lt;version&gt;", line 2 "node &lt;id&gt;"
 *   rocksdb/       the store
 *   REBUILD        there while the store is to be made anew; see {@link StoreRebuild}
 *   rocksdb.damaged/  the store that could not be read, until the new one is whole
 *   arriving/      states of partitions that come from other nodes
 *   sending/       files of states that go to other nodes
 * </pre>
 */
final class StoreDirectory implements AutoCloseable {
  /** The newest format that this version reads and the one it writes. */
  static final int FORMAT = 1;

  private static final String FORMAT_NAME = "equator-store";

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;

  private StoreDirectory(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the directory, making it when it is not there.
   *
   * @throws StoreException with one clear sentence when it is in use, of a newer version, or
   *     another node's
   */
  static StoreDirectory take(Path directory, String node) {
    @Nullable FileChannel channel = null;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve("equator.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new StoreException("the data folder " + directory + " is in use by another process");
      }
      checkFormat(directory, node);
      StoreDirectory taken = new StoreDirectory(directory, channel, lock);
      channel = null;
      return taken;
    } catch (IOException e) {
      throw new StoreException(
          "cannot use the data folder " + directory + ": " + e.getMessage(), e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void checkFormat(Path directory, String node) throws IOException {
    Path file = directory.resolve("FORMAT");
    if (!Files.exists(file)) {
      if (Files.exists(directory.resolve("rocksdb"))) {
        throw new StoreException(
            "the data folder " + directory + " has a store but no FORMAT file; it is damaged");
      }
      Path fresh = directory.resolve("FORMAT.new");
      Files.writeString(fresh, FORMAT_NAME + " " + FORMAT + "\nnode " + node + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    int format = formatOf(directory, lines);
    if (format > FORMAT) {
      throw new StoreException(
          "the data folder "
              + directory
              + " was written by a newer version (format "
              + format
              + "; this version reads up to "
              + FORMAT
              + ")");
    }
    if (lines.size() < 2 || !lines.get(1).equals("node " + node)) {
      throw new StoreException(
          "the data folder "
              + directory
              + " belongs to "
              + (lines.size() < 2 ? "nobody" : lines.get(1))
              + ", not to node "
              + node);
    }
  }

  private static int formatOf(Path directory, List<String> lines) {
    String first = lines.isEmpty() ? "" : lines.getFirst();
    if (first.startsWith(FORMAT_NAME + " ")) {
      try {
        return Integer.parseInt(first.substring(FORMAT_NAME.length() + 1).strip());
      } catch (NumberFormatException e) {
        // Falls through to the message below.
      }
    }
    throw new StoreException(
        "the FORMAT file of the data folder " + directory + " cannot be understood: " + first);
  }

  /** Where the store is. */
  Path store() {
    return directory.resolve("rocksdb");
  }

  /** Where the store is made anew. */
  StoreRebuild rebuild() {
    return new StoreRebuild(directory);
  }

  /** Where states from other nodes arrive. */
  Path arriving() {
    return directory.resolve("arriving");
  }

  /** Where files for other nodes are made. */
  Path sending() {
    return directory.resolve("sending");
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException e) {
      // Closing the channel releases it too.
    }
    closeQuietly(channel);
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing was written through it.
      }
    }
  }
}
