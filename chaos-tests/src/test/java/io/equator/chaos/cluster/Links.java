package io.equator.chaos.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The network between processes: each address that a node advertises is a door here, and behind the
 * door is the node.
 *
 * <p>A cut is one direction of a pair of nodes. What is sent over it is kept back until it heals,
 * as the packets of a TCP connection are that are sent again and again: no byte is lost, no
 * connection ends, nobody is told. A connection that is made over a cut is taken by the system and
 * goes no further, as the first word of a new one would not come through. Whoever is no node, an
 * operator or a client, is never cut off.
 */
final class Links implements AutoCloseable {
  private static final int OUTSIDE = 0;
  private static final int BUFFER_BYTES = 16 << 10;
  private static final int CONNECT_MILLIS = 2_000;
  private static final int PROBE_MILLIS = 1_500;

  private record Cut(int from, int to) {}

  private final ConnectionSource source;
  private final List<ServerSocket> doors = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Connections that probes make, by their local port, in the name of a node. */
  private final Map<Integer, Integer> probes = new ConcurrentHashMap<>();

  /** Guards the cuts; those wait here who send over one. */
  private final Object gate = new Object();

  private final Set<Cut> cuts = new HashSet<>();
  private volatile boolean closed;

  Links(ConnectionSource source) {
    this.source = source;
  }

  /** Opens a door to a node. */
  void open(int node, InetSocketAddress door, InetSocketAddress behind) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(door, 128);
    doors.add(socket);
    Thread.ofVirtual().start(() -> accept(socket, node, behind));
  }

  void cut(int from, int to) {
    synchronized (gate) {
      cuts.add(new Cut(from, to));
    }
  }

  void heal() {
    synchronized (gate) {
      cuts.clear();
      gate.notifyAll();
    }
  }

  /**
   * Whether a node would answer, if this one spoke to it: connects in its name and sends what is no
   * TLS, which a server answers with an alert and an end.
   */
  boolean reaches(int from, InetSocketAddress door) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      probes.put(socket.getLocalPort(), from);
      try {
        socket.connect(door, PROBE_MILLIS);
        socket.setSoTimeout(PROBE_MILLIS);
        socket
            .getOutputStream()
            .write("HELLO THERE\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        var _ = socket.getInputStream().read();
        return true;
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        // Reset: it came through, and was not liked.
        return true;
      } finally {
        probes.remove(socket.getLocalPort());
      }
    }
  }

  private void accept(ServerSocket door, int node, InetSocketAddress behind) {
    while (!closed) {
      try {
        Socket caller = door.accept();
        open.add(caller);
        Thread.ofVirtual().start(() -> connect(caller, node, behind));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket caller, int node, InetSocketAddress behind) {
    Socket upstream = new Socket();
    try {
      caller.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      int from = sourceOf(caller);
      await(from, node);
      upstream.connect(behind, CONNECT_MILLIS);
      open.add(upstream);
      Thread.ofVirtual().start(() -> pipe(caller, upstream, from, node));
      Thread.ofVirtual().start(() -> pipe(upstream, caller, node, from));
    } catch (IOException e) {
      close(caller);
      close(upstream);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int sourceOf(Socket caller) throws IOException {
    Integer probe = probes.get(caller.getPort());
    return probe != null
        ? probe
        : source.of(caller.getPort(), caller.getLocalPort()).orElse(OUTSIDE);
  }

  /** Waits while this direction is cut. */
  private void await(int from, int to) throws InterruptedException {
    Cut cut = new Cut(from, to);
    synchronized (gate) {
      while (cuts.contains(cut) && !closed) {
        gate.wait();
      }
    }
  }

  private void pipe(Socket from, Socket to, int fromNode, int toNode) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        await(fromNode, toNode);
        out.write(buffer, 0, read);
      }
      await(fromNode, toNode);
    } catch (IOException e) {
      // One side has gone; the other learns of it when the news can reach it.
      awaitQuietly(fromNode, toNode);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(from);
      close(to);
    }
  }

  private void awaitQuietly(int from, int to) {
    try {
      await(from, to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    for (ServerSocket door : doors) {
      door.close();
    }
    heal();
    List.copyOf(open).forEach(this::close);
  }
}
