package io.equator.server.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Small file systems that can be filled to the last byte, one for each node. Needs the right to
 * mount; {@link #permitted} says whether this machine gives it.
 */
public final class SmallDisks implements AutoCloseable {
  private static final int STEP = 1 << 16;
  private static final int PROBE_MEBIBYTES = 8;

  /** What they are. */
  public enum Kind {
    /** In memory: it is full at once, and nothing has to be forced. */
    TMPFS,
    /** In a file of its own: what is forced takes its time. */
    EXT4
  }

  private final Path folder;
  private final Kind kind;
  private final int mebibytes;
  private final Map<Integer, Path> disks = new HashMap<>();

  /**
   * None yet.
   *
   * @param folder for the files, and the folders at which they are mounted
   * @param mebibytes of each, what the file system needs for itself included
   */
  public SmallDisks(Path folder, Kind kind, int mebibytes) {
    this.folder = folder;
    this.kind = kind;
    this.mebibytes = mebibytes;
  }

  /** Whether such file systems can be made and mounted here. */
  public static boolean permitted(Path folder, Kind kind) throws Exception {
    Path probe = folder.resolve("may-mount");
    boolean mounted = mount(probe, kind, PROBE_MEBIBYTES);
    boolean ended = mounted && run("umount", probe.toString());
    Files.deleteIfExists(image(probe));
    return ended;
  }

  private static Path image(Path disk) {
    return disk.resolveSibling(disk.getFileName() + ".ext4");
  }

  private static boolean mount(Path disk, Kind kind, int mebibytes)
      throws IOException, InterruptedException {
    Files.createDirectories(disk);
    if (kind == Kind.TMPFS) {
      return run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", disk.toString());
    }
    String image = image(disk).toString();
    return run("truncate", "-s", mebibytes + "M", image)
        // Nothing is reserved for root, who runs the tests.
        && run("mkfs.ext4", "-q", "-m", "0", image)
        && run("mount", "-o", "loop", image, disk.toString());
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException noSuchProgram) {
      return false;
    }
  }

  /** A node's disk, made when it is asked for the first time. */
  public synchronized Path disk(int number) {
    return disks.computeIfAbsent(
        number,
        _ -> {
          Path disk = folder.resolve("disk-" + number);
          try {
            if (!mount(disk, kind, mebibytes)) {
              throw new IllegalStateException("cannot mount " + disk);
            }
            return disk;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          }
        });
  }

  /** Takes space until only so much is free, as another program would. */
  public void fillUpTo(int number, long freeBytes) throws IOException, InterruptedException {
    Path ballast = disk(number).resolve("ballast");
    long all = Files.getFileStore(disk(number)).getUsableSpace() - freeBytes;
    if (all > STEP) {
      // In one step for the most part; it may be refused when others take space meanwhile.
      run("fallocate", "-l", Long.toString(all - STEP), ballast.toString());
    }
    try (OutputStream out =
        Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (freeBytes == 0 || Files.getFileStore(ballast).getUsableSpace() > freeBytes) {
        out.write(new byte[STEP]);
      }
    } catch (IOException full) {
      if (freeBytes > 0) {
        throw full;
      }
    }
  }

  /** Gives the space back. */
  public void free(int number) throws IOException {
    Files.deleteIfExists(disk(number).resolve("ballast"));
  }

  @Override
  public synchronized void close() throws IOException {
    for (Path disk : disks.values()) {
      try {
        run("umount", "-l", disk.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Files.deleteIfExists(image(disk));
    }
  }
}
