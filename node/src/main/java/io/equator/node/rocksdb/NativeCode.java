package io.equator.node.rocksdb;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library as a file of its own. Left alone, RocksDB unpacks its 17 MB from its jar
 * into a temporary file at every start; it first looks on {@code java.library.path}, so a folder
 * there that holds the library saves that.
 */
public final class NativeCode {

  private NativeCode() {}

  /**
   * Puts this platform's library into a folder, whole or not at all.
   *
   * @throws IOException when the jar has none for this platform, or the folder cannot be written
   */
  public static void unpackInto(Path folder) throws IOException {
    String name = Environment.getJniLibraryFileName("rocksdb");
    Files.createDirectories(folder);
    Path unfinished = Files.createTempFile(folder, name, ".tmp");
    try {
      try (InputStream library = RocksDB.class.getResourceAsStream("/" + name)) {
        if (library == null) {
          throw new FileNotFoundException("RocksDB's jar has no " + name);
        }
        Files.copy(library, unfinished, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }
}
