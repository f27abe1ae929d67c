package io.equator.node.health;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Space of the file system that a folder is on.
 *
 * @param freeBytes what an ordinary user may still write
 * @param totalBytes of the whole file system
 */
public record DiskSpace(long freeBytes, long totalBytes) {

  /** Looks; takes some microseconds. */
  @FunctionalInterface
  public interface Probe {
    /** The space where a folder is. */
    DiskSpace look(Path folder) throws IOException;
  }

  /** Asks the operating system. */
  public static DiskSpace of(Path folder) throws IOException {
    FileStore store = Files.getFileStore(folder);
    return new DiskSpace(store.getUsableSpace(), store.getTotalSpace());
  }
}
