package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.RestRequest;
import io.equator.coordinator.api.RestService;
import io.netty.channel.ChannelHandlerContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the connections of one server share, and the way of a request to the API. */
final class HttpServerContext {
  private static final int CHECKS_PER_TIMEOUT = 4;

  private final HttpServerConfig config;
  private final ApiFrame frame;
  private final RestService rest;
  private final BodyBudget bodyBudget;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final String health;
  private final LongAdder receivedBytes = new LongAdder();
  private final LongAdder sentBytes = new LongAdder();
  private final long requestNanosMax;
  private final long idleNanosMax;

  /** An event loop's thread runs its connections only, so its state can hang on the thread. */
  private final ThreadLocal<LoopState> loops = ThreadLocal.withInitial(LoopState::new);

  HttpServerContext(HttpServerConfig config, ApiFrame frame, RestService rest) {
    this.config = config;
    this.frame = frame;
    this.rest = rest;
    this.bodyBudget = new BodyBudget(config.bufferedBytesMax());
    // The blank at the end is the service's.
    this.health = "healthy: dynamodb." + config.region() + ".amazonaws.com ";
    this.requestNanosMax = config.requestTimeout().toNanos();
    this.idleNanosMax = config.idleTimeout().toNanos();
  }

  /** Takes a new connection, or turns it away when there are too many. On the connection's loop. */
  Connection open(ChannelHandlerContext context) {
    Connection connection = new Connection(this, context, loops.get());
    connections.add(connection);
    int count = connections.size();
    if (count > 2L * config.connectionsMax()) {
      var _ = context.close();
    } else if (count > config.connectionsMax()) {
      connection.refuse();
    }
    return connection;
  }

  void closed(Connection connection) {
    connections.remove(connection);
    connection.closed();
  }

  Set<Connection> connections() {
    return connections;
  }

  /** Gives a request to whoever answers it. */
  void dispatch(HttpHead head, byte[] body, int offset, int length, Exchange exchange) {
    if (!head.isRoot() && isRest(head.method()) && rest.owns(head.path())) {
      rest.handle(
          new RestRequest(
              head.method().name(), head.path(), head, body, offset, length, exchange.requestId()),
          exchange);
      return;
    }
    switch (head.method()) {
      case POST -> {
        if (length == 0
            || head.isMediaType("content-type", Encoder.AMAZON_JSON)
            || head.isMediaType("content-type", Encoder.JSON)) {
          String target = head.header("x-amz-target");
          frame.handle(
              target == null ? "" : target,
              head,
              body,
              offset,
              length,
              exchange.requestId(),
              exchange);
        } else {
          exchange.answer(Answer.notFound(false));
        }
      }
      case GET ->
          exchange.answer(
              head.isRoot() ? new Answer.Plain(200, "", health, false) : Answer.notFound(false));
      case HEAD ->
          exchange.answer(
              head.isRoot() ? new Answer.Plain(200, "", health, true) : Answer.notFound(true));
      case OPTIONS ->
          exchange.answer(head.has("origin") ? preflight(head) : Answer.notFound(false));
      case PUT, DELETE, OTHER -> exchange.answer(Answer.notFound(false));
    }
  }

  /** What else there is asks about an answer, and is the same everywhere. */
  private static boolean isRest(HttpHead.Method method) {
    return switch (method) {
      case POST, GET, PUT, DELETE -> true;
      case HEAD, OPTIONS, OTHER -> false;
    };
  }

  /** Yes to whatever a browser asks before it sends the request itself. */
  private static Answer preflight(HttpHead head) {
    String headers = head.header("access-control-request-headers");
    String methods = head.header("access-control-request-method");
    return new Answer.Plain(
        200,
        (headers == null ? "" : "Access-Control-Allow-Headers: " + headers + "\r\n")
            + (methods == null ? "" : "Access-Control-Allow-Methods: " + methods + "\r\n")
            + "Access-Control-Max-Age: 172800\r\n",
        "",
        false);
  }

  /** The answer when the server can take no more. */
  Answer overloaded() {
    return new Answer.Api(ApiFrame.overloaded());
  }

  /** Bytes that have come, heads included; before encryption. */
  LongAdder receivedBytes() {
    return receivedBytes;
  }

  /** The same of those that were written. */
  LongAdder sentBytes() {
    return sentBytes;
  }

  HttpServerConfig config() {
    return config;
  }

  BodyBudget bodyBudget() {
    return bodyBudget;
  }

  boolean secure() {
    return config.tls() != null;
  }

  long requestNanosMax() {
    return requestNanosMax;
  }

  long idleNanosMax() {
    return idleNanosMax;
  }

  /** How often a connection looks at its clock. */
  long checkIntervalNanos() {
    return Math.min(requestNanosMax, idleNanosMax) / CHECKS_PER_TIMEOUT + 1;
  }
}
