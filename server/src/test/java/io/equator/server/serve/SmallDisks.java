package io.equator.server.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Nodes on file systems of their own that are small, in memory, and can be filled. Needs the right
 * to mount; {@link #permitted} says whether this machine gives it.
 */
final class SmallDisks implements ProcessLayout, AutoCloseable {
  private static final int STEP = 1 << 16;

  private final Path folder;
  private final int mebibytes;
  private final ProcessLayout ports;
  private final Map<Integer, Path> disks = new HashMap<>();

  SmallDisks(Path folder, int mebibytes) {
    this.folder = folder;
    this.mebibytes = mebibytes;
    this.ports = new OwnPorts(folder);
  }

  static boolean permitted(Path folder) throws Exception {
    Path probe = Files.createDirectories(folder.resolve("may-mount"));
    if (!run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", probe.toString())) {
      return false;
    }
    return run("umount", probe.toString());
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Path disk(int number) {
    return disks.computeIfAbsent(
        number,
        _ -> {
          try {
            Path disk = Files.createDirectories(folder.resolve("disk-" + number));
            String size = "size=" + mebibytes + "m";
            if (!run("mount", "-t", "tmpfs", "-o", size, "tmpfs", disk.toString())) {
              throw new IllegalStateException("cannot mount " + disk);
            }
            return disk;
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          }
        });
  }

  /** Takes space until only so much is free, as another program would. */
  void fillUpTo(int number, long freeBytes) throws IOException {
    Path ballast = disk(number).resolve("ballast");
    try (OutputStream out =
        Files.newOutputStream(
            ballast,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.APPEND)) {
      while (Files.getFileStore(ballast).getUsableSpace() > freeBytes) {
        out.write(new byte[STEP]);
      }
    } catch (IOException full) {
      if (freeBytes > 0) {
        throw full;
      }
    }
  }

  /** Gives the space back. */
  void free(int number) throws IOException {
    Files.deleteIfExists(disk(number).resolve("ballast"));
  }

  @Override
  public Addresses addresses(int number) {
    return ports.addresses(number);
  }

  @Override
  public Path data(int number) {
    return disk(number).resolve("data");
  }

  @Override
  public List<String> program() {
    return ports.program();
  }

  @Override
  public Map<String, String> environment(int number) {
    return ports.environment(number);
  }

  @Override
  public void close() throws IOException {
    for (Path disk : disks.values()) {
      try {
        run("umount", "-l", disk.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
