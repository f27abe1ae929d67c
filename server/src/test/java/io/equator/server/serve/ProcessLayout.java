package io.equator.server.serve;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the nodes of a {@link ClusterProcesses} are, and with what they are run. */
public interface ProcessLayout {

  /**
   * Where a node listens and is reached.
   *
   * @param host where it listens, for clients and for nodes
   * @param advertise by which the others reach it; the ports are the same
   */
  record Addresses(String host, int apiPort, int servicePort, int raftPort, String advertise) {}

  /** A node's addresses; always the same for a number. */
  Addresses addresses(int number);

  /** A node's folder; it need not exist. */
  Path data(int number);

  /** The words that run the program, before those that say what it is to do. */
  List<String> program();

  /** A file that keeps what a node's processes print, one after the other; none by default. */
  default Optional<Path> log(int number) {
    return Optional.empty();
  }

  /** What the environment of a node's process has besides this one's. */
  Map<String, String> environment(int number);
}
