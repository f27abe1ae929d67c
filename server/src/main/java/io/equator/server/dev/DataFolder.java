package io.equator.server.dev;

import io.equator.server.BuildVersion;
import io.equator.server.Refusal;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds everything of an embedded cluster, locked by this process.
 *
 * <pre>
 * lock                 locked while a process uses the folder; holds its process id
 * cluster.properties   what must stay the same from start to start (see {@link Shape})
 * node-1/ …            each node's store and logs
 * </pre>
 *
 * <p>{@code cluster.properties} is written when the folder is new, before anything else, and never
 * changed: {@code format} (an integer that grows when an older version could not read what a newer
 * one writes), {@code version} (for people), {@code region}, {@code nodes}, {@code partitions}.
 * Folders of earlier builds also have {@code raft.ports}, which nothing needs any more.
 */
final class DataFolder implements AutoCloseable {

  /** The newest layout that this version reads, and the one it writes. */
  static final int FORMAT = 1;

  private static final String PROPERTIES = "cluster.properties";
  private static final String LOCK = "lock";

  /** What a folder's first start has fixed. */
  record Shape(String region, int nodes, int partitions) {}

  private final Path path;
  private final FileChannel lockChannel;
  private final boolean deleteAtEnd;

  private DataFolder(Path path, FileChannel lockChannel, boolean deleteAtEnd) {
    this.path = path;
    this.lockChannel = lockChannel;
    this.deleteAtEnd = deleteAtEnd;
  }

  /**
   * Creates the folder if it is not there, and locks it.
   *
   * @throws Refusal when another process uses it, or it cannot be written
   */
  static DataFolder open(Path path) {
    return open(path.toAbsolutePath().normalize(), false);
  }

  /** A new folder under the system's temporary one, gone when closed. */
  static DataFolder temporary() {
    try {
      return open(Files.createTempDirectory("equator-"), true);
    } catch (IOException e) {
      throw new Refusal("a temporary folder cannot be made: " + e.getMessage() + ".", e);
    }
  }

  /**
   * A folder that is there, to be looked at; nothing in it is changed.
   *
   * @throws Refusal when a process uses it, or it is no data folder
   */
  static DataFolder openToRead(Path given) {
    Path path = given.toAbsolutePath().normalize();
    if (!Files.isRegularFile(path.resolve(PROPERTIES)) || !Files.exists(path.resolve(LOCK))) {
      throw new Refusal(path + " is not a data folder of Equator.");
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.READ);
      if (!lockToRead(channel)) {
        throw usedBy(
            path, channel, "stop it first: a store is looked at while nobody writes to it.");
      }
      return new DataFolder(path, channel, false);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new Refusal("the data folder " + path + " cannot be read: " + reason(e) + ".", e);
    } catch (Refusal e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static boolean lockToRead(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static DataFolder open(Path path, boolean deleteAtEnd) {
    FileChannel channel = null;
    try {
      Files.createDirectories(path);
      channel =
          FileChannel.open(
              path.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (!lock(channel)) {
        throw usedBy(path, channel, "stop it, or choose another folder with --data.");
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
      return new DataFolder(path, channel, deleteAtEnd);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new Refusal("the data folder " + path + " cannot be used: " + reason(e) + ".", e);
    } catch (Refusal e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static Refusal usedBy(Path path, FileChannel channel, String advice) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(20);
    channel.read(pid, 0);
    String owner = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip();
    return new Refusal(
        "the data folder "
            + path
            + " is in use by process "
            + (owner.isEmpty() ? "(unknown)" : owner)
            + "; "
            + advice);
  }

  /** The exception's own words where it has any, else its name. */
  private static String reason(IOException e) {
    return e.getClass() == IOException.class || e.getMessage() == null
        ? String.valueOf(e.getMessage())
        : e.getClass().getSimpleName().replace("Exception", "") + " (" + e.getMessage() + ")";
  }

  Path path() {
    return path;
  }

  /** Where the node with this number, from 1, keeps its files. */
  Path node(int number) {
    return path.resolve("node-" + number);
  }

  /**
   * What the folder's first start has fixed; empty when this is the first start.
   *
   * @throws Refusal when the folder was written by a newer version, or its description is damaged
   */
  Optional<Shape> shape() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(path.resolve(PROPERTIES))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new Refusal("the data folder " + path + " cannot be read: " + reason(e) + ".", e);
    }
    int format = number(properties, "format");
    if (format > FORMAT) {
      throw new Refusal(
          "the data folder "
              + path
              + " was written by a newer version of Equator ("
              + properties.getProperty("version", "unknown")
              + ", format "
              + format
              + "; this one reads up to format "
              + FORMAT
              + "); use that version, or choose another folder with --data.");
    }
    return Optional.of(
        new Shape(
            text(properties, "region"),
            number(properties, "nodes"),
            number(properties, "partitions")));
  }

  /** Describes a new folder; safe against a crash in the middle. */
  void describe(Shape shape) {
    String text =
        "# An Equator data folder. Written once; do not edit.\n"
            + ("format=" + FORMAT + "\n")
            + ("version=" + BuildVersion.text() + "\n")
            + ("region=" + shape.region + "\n")
            + ("nodes=" + shape.nodes + "\n")
            + ("partitions=" + shape.partitions + "\n");
    Path file = path.resolve(PROPERTIES);
    Path draft = path.resolve(PROPERTIES + ".new");
    try {
      try (FileChannel out =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        out.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new Refusal("the data folder " + path + " cannot be written: " + reason(e) + ".", e);
    }
  }

  private String text(Properties properties, String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw damaged(key);
    }
    return value.strip();
  }

  private int number(Properties properties, String key) {
    try {
      return Integer.parseInt(text(properties, key));
    } catch (NumberFormatException e) {
      throw damaged(key);
    }
  }

  private Refusal damaged(String key) {
    return new Refusal(
        "the file "
            + path.resolve(PROPERTIES)
            + " has no usable "
            + key
            + "; restore it, or choose another folder with --data.");
  }

  /** Unlocks the folder, and deletes it when it is a temporary one. */
  @Override
  public void close() throws IOException {
    lockChannel.close();
    if (deleteAtEnd) {
      Folders.deleteRecursively(path);
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The failure that brought us here is the one to report.
      }
    }
  }
}
