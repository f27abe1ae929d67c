package io.equator.server.identity;

import io.equator.server.Refusal;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;

/**
 * The folder of a node, locked by this process.
 *
 * <pre>
 * lock                 locked while a process uses the folder
 * identity.properties  see {@link Identity}
 * credentials.key      see {@link CredentialsKey}
 * catalog-copy         copy of the catalog, to start with when it is away
 * tls/                 see {@link ClusterCertificates}
 * raft/ catalog/ store/   what the roles keep
 * </pre>
 */
public final class NodeFolder implements AutoCloseable {
  private static final String IDENTITY = "identity.properties";

  private final Path path;
  private final FileChannel channel;

  private NodeFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Makes the folder if it is not there, and locks it.
   *
   * @throws Refusal when another process uses it, or it cannot be written
   */
  public static NodeFolder open(Path path) {
    try {
      Files.createDirectories(path);
      FileChannel channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        throw new Refusal("the folder " + path + " is used by another process.");
      }
      return new NodeFolder(path, channel);
    } catch (IOException e) {
      throw new Refusal("the folder " + path + " cannot be used: " + e.getMessage() + ".", e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** Whose folder it is; empty for a new one. */
  public Optional<Identity> identity() {
    return read(path);
  }

  /** The identity in a folder that another process may be using. */
  public static Optional<Identity> read(Path folder) {
    Path file = folder.resolve(IDENTITY);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
      return Optional.of(Identity.of(properties));
    } catch (IOException | IllegalArgumentException e) {
      throw new Refusal("the file " + file + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** Writes down whose folder it is; half a file is never found. */
  public void write(Identity identity) {
    Path file = path.resolve(IDENTITY);
    Path unfinished = path.resolve(IDENTITY + ".new");
    try {
      try (Writer writer = Files.newBufferedWriter(unfinished)) {
        identity.toProperties().store(writer, "Whose folder this is. Made by equator.");
      }
      try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new Refusal("the file " + file + " cannot be written: " + e.getMessage() + ".", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // Nothing was written through it.
    }
  }
}
