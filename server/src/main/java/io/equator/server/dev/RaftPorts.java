package io.equator.server.dev;

import io.equator.server.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The loopback ports on which the embedded nodes replicate to one another.
 *
 * <p>They are part of the members' addresses, which a Raft group remembers, so they are picked once
 * and kept with the data. They lie below the range from which the system hands out ports to
 * outgoing connections: otherwise a connection made in between could sit on one of them at the next
 * start.
 */
final class RaftPorts {

  /** Below every system's default range of ephemeral ports, above the well-known services. */
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 29_999;
  private static final Path LINUX_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private RaftPorts() {}

  /** Picks ports that are free now and outside the ephemeral range where there is room. */
  static List<Integer> pick(int count, RandomGenerator random) {
    int highest = Math.min(HIGHEST, lowestEphemeral() - 1);
    int width = highest - LOWEST >= 100 ? highest - LOWEST : HIGHEST - LOWEST;
    List<Integer> ports = new ArrayList<>();
    for (int attempt = 0; ports.size() < count; attempt++) {
      if (attempt == 1000) {
        throw new Refusal(
            "no " + count + " free ports were found from " + LOWEST + " to " + HIGHEST + ".");
      }
      int port = LOWEST + random.nextInt(width);
      if (!ports.contains(port) && isFree(port)) {
        ports.add(port);
      }
    }
    return ports;
  }

  /**
   * Sees that the remembered ports are free: the replication library would end the whole process
   * without a word.
   */
  static void requireFree(List<Integer> ports, Path folder) {
    for (int i = 0; i < ports.size(); i++) {
      if (!isFree(ports.get(i))) {
        throw new Refusal(
            "port "
                + ports.get(i)
                + ", on which node "
                + (i + 1)
                + " of "
                + folder
                + " replicates, is taken by another process; stop that, or choose another folder"
                + " with --data.");
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int lowestEphemeral() {
    try {
      String[] range = Files.readString(LINUX_RANGE).strip().split("\\s+", -1);
      return Integer.parseInt(range[0]);
    } catch (IOException | NumberFormatException e) {
      return HIGHEST + 1;
    }
  }
}
