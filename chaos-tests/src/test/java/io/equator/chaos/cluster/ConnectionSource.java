package io.equator.chaos.cluster;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells which process is at the other end of a connection on this machine.
 *
 * <p>All processes have the same source address, so the port decides: {@code /proc/net/tcp} names
 * the socket of a pair of ports, {@code /proc/PID/fd} the sockets of a process. Works for processes
 * of the same user, on Linux.
 */
final class ConnectionSource {
  private final Supplier<Map<Integer, Long>> processes;

  /**
   * @param processes the process id of each node that runs
   */
  ConnectionSource(Supplier<Map<Integer, Long>> processes) {
    this.processes = processes;
  }

  /** The node that connected from this port to that one; empty for whoever is no node. */
  Optional<Integer> of(int fromPort, int toPort) throws IOException {
    Optional<String> socket = socket(fromPort, toPort);
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    String link = "socket:[" + socket.get() + "]";
    for (Map.Entry<Integer, Long> node : processes.get().entrySet()) {
      if (holds(node.getValue(), link)) {
        return Optional.of(node.getKey());
      }
    }
    return Optional.empty();
  }

  /** The socket's inode. A JVM's IPv4 connections mostly stand in the table of IPv6. */
  private static Optional<String> socket(int fromPort, int toPort) throws IOException {
    String from = ":%04X".formatted(fromPort);
    String to = ":%04X".formatted(toPort);
    for (String table : new String[] {"/proc/net/tcp6", "/proc/net/tcp"}) {
      Path file = Path.of(table);
      if (!Files.exists(file)) {
        continue;
      }
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split("\\s+");
        if (words.length > 9 && words[1].endsWith(from) && words[2].endsWith(to)) {
          return Optional.of(words[9]);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean holds(long process, String link) {
    Path folder = Path.of("/proc", Long.toString(process), "fd");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        try {
          if (Files.readSymbolicLink(file).toString().equals(link)) {
            return true;
          }
        } catch (NoSuchFileException e) {
          // Closed while we looked.
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      // The process has ended.
    }
    return false;
  }
}
