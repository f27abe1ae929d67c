package io.equator.coordinator.http;

import io.equator.coordinator.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP server listens, and what it bears.
 *
 * @param host the address to bind, for example {@code 127.0.0.1} or {@code 0.0.0.0}
 * @param port the port; 0 takes a free one
 * @param region named in the answer to health checks
 * @param eventLoops threads that serve connections
 * @param connectionsMax more are answered with 503 and closed
 * @param pipelinedMax unanswered requests of one connection, beyond which it is not read from
 * @param bodyBytesMax the largest body; DynamoDB's limit is 16 MB
 * @param bufferedBytesMax unfinished bodies of all connections together
 * @param idleTimeout after which a connection without a request is closed
 * @param requestTimeout within which a request that has begun must have arrived whole, and within
 *     which a client must take some of its answer
 * @param shutdownTimeout for requests in progress when the server is closed
 * @param nativeTransport whether to use epoll where it is there
 * @param tls the certificate; null for plain HTTP
 */
public record HttpServerConfig(
    String host,
    int port,
    String region,
    int eventLoops,
    int connectionsMax,
    int pipelinedMax,
    int bodyBytesMax,
    long bufferedBytesMax,
    Duration idleTimeout,
    Duration requestTimeout,
    Duration shutdownTimeout,
    boolean nativeTransport,
    @Nullable TlsFiles tls) {

  private static final int MEGABYTE = 1 << 20;

  /** Checks. */
  public HttpServerConfig {
    check(port >= 0 && port <= 65_535, "port must be between 0 and 65535", port);
    check(eventLoops > 0, "event-loops must be > 0", eventLoops);
    check(connectionsMax > 0, "connections-max must be > 0", connectionsMax);
    check(pipelinedMax > 0, "pipelined-max must be > 0", pipelinedMax);
    check(bodyBytesMax > 0, "body-bytes-max must be > 0", bodyBytesMax);
    check(
        bufferedBytesMax >= bodyBytesMax,
        "buffered-bytes-max must be >= body-bytes-max",
        bufferedBytesMax);
    check(idleTimeout.isPositive(), "idle-timeout must be > 0", idleTimeout);
    check(requestTimeout.isPositive(), "request-timeout must be > 0", requestTimeout);
    check(!shutdownTimeout.isNegative(), "shutdown-timeout must be >= 0", shutdownTimeout);
  }

  /** The defaults, for this address. */
  public static HttpServerConfig of(String host, int port, String region) {
    return new HttpServerConfig(
        host,
        port,
        region,
        Runtime.getRuntime().availableProcessors(),
        10_000,
        64,
        16 * MEGABYTE,
        256L * MEGABYTE,
        Duration.ofMinutes(5),
        Duration.ofSeconds(60),
        Duration.ofMillis(700),
        true,
        null);
  }

  /** The same with this certificate. */
  public HttpServerConfig withTls(TlsFiles files) {
    return new HttpServerConfig(
        host,
        port,
        region,
        eventLoops,
        connectionsMax,
        pipelinedMax,
        bodyBytesMax,
        bufferedBytesMax,
        idleTimeout,
        requestTimeout,
        shutdownTimeout,
        nativeTransport,
        files);
  }

  /** The same with this many event loops. */
  public HttpServerConfig withEventLoops(int count) {
    return new HttpServerConfig(
        host,
        port,
        region,
        count,
        connectionsMax,
        pipelinedMax,
        bodyBytesMax,
        bufferedBytesMax,
        idleTimeout,
        requestTimeout,
        shutdownTimeout,
        nativeTransport,
        tls);
  }

  private static void check(boolean ok, String rule, Object was) {
    if (!ok) {
      throw new IllegalArgumentException("http." + rule + ", was " + was);
    }
  }
}
