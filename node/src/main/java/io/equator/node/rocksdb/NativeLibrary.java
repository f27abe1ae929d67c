package io.equator.node.rocksdb;

import io.equator.node.core.StoreException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's native library: unpacked, loaded, and deleted at once.
 *
 * <p>Its own loader unpacks 17 MB into the temporary folder and deletes them when the JVM ends in
 * good order. A process that is killed, or halts, would leave them behind each time, and a machine
 * that restarts a node often would fill its disk. On systems that let an open file be deleted the
 * mapping stays valid without a name; where they do not, the file goes at the end of the JVM.
 */
final class NativeLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

  private NativeLibrary() {}

  /** Loads it, unless it is loaded. */
  static void load() {
    Loaded.once();
  }

  /** The JVM initialises a class once, however many threads ask. */
  private static final class Loaded {
    static {
      unpackAndLoad();
    }

    private Loaded() {}

    static void once() {
      // The initialiser did it.
    }
  }

  private static void unpackAndLoad() {
    try {
      Path folder = Files.createTempDirectory("equator-native-");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
      } finally {
        delete(folder);
      }
      // Finds it loaded, and sees to the rest.
      RocksDB.loadLibrary();
    } catch (IOException e) {
      throw new StoreException("the library of the store cannot be unpacked: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) {
    File[] files = folder.toFile().listFiles();
    boolean gone = files != null;
    for (File file : files == null ? new File[0] : files) {
      gone &= file.delete();
    }
    if (!gone || !folder.toFile().delete()) {
      LOG.debug("{} is deleted when the process ends", folder);
      folder.toFile().deleteOnExit();
      for (File file : files == null ? new File[0] : files) {
        // Deleted in the reverse order of these calls: files before their folder.
        file.deleteOnExit();
      }
    }
  }
}
