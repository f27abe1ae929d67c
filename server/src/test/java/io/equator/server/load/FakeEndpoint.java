package io.equator.server.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers like DynamoDB without storing anything, and can stall or refuse. */
final class FakeEndpoint implements AutoCloseable {

  static {
    // Otherwise each answer waits for the acknowledgement of its own first part, 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private record Stall(String operation, int atCall, int millis) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> tables = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final Map<String, String> bodies = new ConcurrentHashMap<>();
  private final Map<String, String> refusals = new ConcurrentHashMap<>();
  private volatile Stall stall = new Stall("", 0, 0);

  private FakeEndpoint(HttpServer server) {
    this.server = server;
  }

  static FakeEndpoint start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    FakeEndpoint endpoint = new FakeEndpoint(server);
    server.setExecutor(endpoint.threads);
    server.createContext("/", endpoint::answer);
    server.start();
    return endpoint;
  }

  String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  int count(String operation) {
    AtomicInteger count = counts.get(operation);
    return count == null ? 0 : count.get();
  }

  /** The body of an operation's last call; empty before the first. */
  String last(String operation) {
    return bodies.getOrDefault(operation, "");
  }

  void createTable(String name) {
    tables.add(name);
  }

  void refuse(String operation, String error) {
    refusals.put(operation, error);
  }

  /** Lets the call with this number wait. */
  void stallOnce(String operation, int atCall, int millis) {
    stall = new Stall(operation, atCall, millis);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String operation = target.substring(target.indexOf('.') + 1);
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    bodies.put(operation, body);
    int call = counts.computeIfAbsent(operation, o -> new AtomicInteger()).incrementAndGet();
    if (stall.operation.equals(operation) && stall.atCall == call) {
      pause(stall.millis);
    }
    String refusal = refusals.get(operation);
    if (refusal != null) {
      reply(exchange, 400, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#" + refusal + "\"}");
      return;
    }
    String table = tableName(body);
    switch (operation) {
      case "CreateTable" -> tables.add(table);
      case "DeleteTable" -> tables.remove(table);
      default -> {}
    }
    if (operation.equals("DescribeTable") && !tables.contains(table)) {
      reply(
          exchange,
          400,
          "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\"}");
      return;
    }
    reply(
        exchange,
        200,
        switch (operation) {
          case "DescribeTable" -> "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}";
          case "GetItem" -> "{\"Item\":{\"pk\":{\"S\":\"a\"}}}";
          case "BatchWriteItem" -> "{\"UnprocessedItems\":{}}";
          default -> "{}";
        });
  }

  private static String tableName(String body) {
    int key = body.indexOf("\"TableName\":\"");
    int start = key + "\"TableName\":\"".length();
    return key < 0 ? "" : body.substring(start, body.indexOf('"', start));
  }

  /** Waiting is the behaviour under test here, so there is no condition to wait for. */
  private static void pause(int millis) {
    try {
      boolean opened = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
      if (opened) {
        throw new IllegalStateException("nobody opens this latch");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
