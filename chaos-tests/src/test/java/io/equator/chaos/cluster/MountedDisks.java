package io.equator.chaos.cluster;

import io.equator.server.serve.SmallDisks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A small file system for each node. */
final class MountedDisks implements NodeDisks, AutoCloseable {
  /** A node wants 256 MiB before it lets the state of a replica come. */
  private static final int MEBIBYTES = 768;

  private static final int KEPT_FREE_MEBIBYTES = 64;

  private final SmallDisks disks;

  private MountedDisks(SmallDisks disks) {
    this.disks = disks;
  }

  /** If this machine permits it. */
  static Optional<MountedDisks> make(Path folder) throws Exception {
    return SmallDisks.permitted(folder, SmallDisks.Kind.EXT4)
        ? Optional.of(new MountedDisks(new SmallDisks(folder, SmallDisks.Kind.EXT4, MEBIBYTES)))
        : Optional.empty();
  }

  /** What nodes on such disks have in their configuration. */
  String configuration() {
    return "\ndisk: {free-bytes-min: " + KEPT_FREE_MEBIBYTES + "MiB, free-percent-min: 90}\n";
  }

  /** A node's folder. */
  Path data(int node) {
    return disks.disk(node).resolve("data");
  }

  @Override
  public long keptFree() {
    return (long) KEPT_FREE_MEBIBYTES << 20;
  }

  @Override
  public void fillUpTo(int node, long freeBytes) throws Exception {
    disks.fillUpTo(node, freeBytes);
  }

  @Override
  public void free(int node) throws IOException {
    disks.free(node);
  }

  @Override
  public void lose(int node) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(data(node))) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }

  @Override
  public void close() throws IOException {
    disks.close();
  }
}
