package io.equator.server.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All nodes on 127.0.0.1, with ports that were free, running the classes of the test. */
final class OwnPorts implements ProcessLayout {
  private final Path folder;
  private final Map<Integer, Addresses> addresses = new HashMap<>();

  OwnPorts(Path folder) {
    this.folder = folder;
  }

  @Override
  public Addresses addresses(int number) {
    return addresses.computeIfAbsent(
        number,
        _ -> {
          int[] ports = freePorts(3);
          return new Addresses("127.0.0.1", ports[0], ports[1], ports[2], "127.0.0.1");
        });
  }

  private static int[] freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      try {
        for (int i = 0; i < count; i++) {
          sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
      } finally {
        for (ServerSocket socket : sockets) {
          socket.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Path data(int number) {
    return folder.resolve("node-" + number);
  }

  @Override
  public List<String> program() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx512m",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "io.equator.server.Main");
  }

  @Override
  public Map<String, String> environment(int number) {
    return Map.of();
  }
}
