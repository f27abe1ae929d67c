package io.equator.server.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One plain address before all coordinators: each connection goes to the next one that takes it,
 * and ends when either side ends. It knows nothing of HTTP.
 */
public final class LoadBalancer implements AutoCloseable {
  private static final int CONNECT_MILLIS = 500;

  private final Supplier<List<InetSocketAddress>> addresses;
  private final ServerSocket door;
  private final AtomicInteger next = new AtomicInteger();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  LoadBalancer(List<Integer> ports) throws IOException {
    this(
        ports.stream()
            .map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toArray(InetSocketAddress[]::new));
  }

  /** Before these. */
  public LoadBalancer(InetSocketAddress... addresses) throws IOException {
    this(() -> List.of(addresses));
  }

  /** Before those that are there when a connection comes. */
  public LoadBalancer(Supplier<List<InetSocketAddress>> addresses) throws IOException {
    this.addresses = addresses;
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** For clients. */
  public String url() {
    return "http://127.0.0.1:" + door.getLocalPort();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    List<InetSocketAddress> now = addresses.get();
    for (int i = 0; i < now.size(); i++) {
      InetSocketAddress address = now.get(Math.floorMod(next.getAndIncrement(), now.size()));
      Socket upstream = new Socket();
      try {
        upstream.connect(address, CONNECT_MILLIS);
      } catch (IOException e) {
        continue;
      }
      open.add(client);
      open.add(upstream);
      Thread.ofVirtual().start(() -> pipe(client, upstream));
      Thread.ofVirtual().start(() -> pipe(upstream, client));
      return;
    }
    closeQuietly(client);
  }

  private void pipe(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // Either side has gone; so does the other.
    } finally {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private void closeQuietly(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    open.forEach(this::closeQuietly);
  }
}
