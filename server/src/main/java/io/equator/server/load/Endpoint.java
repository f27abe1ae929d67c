package io.equator.server.load;

import io.equator.server.HttpCall;
import io.equator.server.RequestSigner;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Where the requests go, and in whose name.
 *
 * @param host name or address
 * @param port TCP port
 * @param signers makes a signer for each thread that sends
 */
record Endpoint(String host, int port, Supplier<RequestSigner> signers) {

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  /** Reads {@code http://host:port}. */
  static Endpoint of(URI uri, Supplier<RequestSigner> signers) {
    if (!"http".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "--endpoint-url must look like http://host:port (this client speaks plain HTTP), was "
              + uri);
    }
    return new Endpoint(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), signers);
  }

  String url() {
    return "http://" + hostHeader();
  }

  /** As the {@code Host} header says it. */
  String hostHeader() {
    return host + ":" + port;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  /** For the few requests around a run: creating the table, asking for its state. */
  HttpCall calls() {
    return new HttpCall(Socket::new, address(), signers.get(), CALL_TIMEOUT);
  }
}
