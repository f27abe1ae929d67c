package io.equator.server.dev;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/** An HTTP endpoint that remembers what it was sent and answers as a test wants it to. */
final class TriggerReceiver implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** One POST. */
  record Call(String path, JsonObject body, int bytes) {
    /** The records of a function's call. */
    List<JsonObject> records() {
      return body.find("Records").orElseThrow() instanceof JsonArray(List<JsonValue> elements)
          ? elements.stream().map(JsonObject.class::cast).toList()
          : List.of();
    }

    /** The attribute {@code v} of each record's new image, as text. */
    List<String> values() {
      return records().stream()
          .map(record -> text(record, "dynamodb", "NewImage", "v", "N"))
          .toList();
    }
  }

  /** What goes back. */
  record Reply(int status, String body) {
    static final Reply OK = new Reply(200, "{}");
    static final Reply FAILED = new Reply(500, "no");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Function<Call, Reply> answers;
  private final List<Call> calls = new ArrayList<>();

  TriggerReceiver(Function<Call, Reply> answers) throws IOException {
    this.answers = answers;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      Call call =
          new Call(
              exchange.getRequestURI().getPath(),
              (JsonObject) JsonValue.parse(bytes, 0, bytes.length).orElseThrow(),
              bytes.length);
      Reply reply = answers.apply(call);
      synchronized (calls) {
        calls.add(call);
        calls.notifyAll();
      }
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  /** The calls to a path so far. */
  List<Call> calls(String path) {
    synchronized (calls) {
      return calls.stream().filter(call -> call.path().equals(path)).toList();
    }
  }

  /** All records that a path was sent so far, also those of calls that were refused. */
  List<JsonObject> records(String path) {
    return calls(path).stream().flatMap(call -> call.records().stream()).toList();
  }

  /** Waits until the calls to a path are as wanted. */
  List<Call> await(String path, Predicate<List<Call>> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    synchronized (calls) {
      while (!wanted.test(calls(path))) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("not what was waited for at " + path + ": " + calls(path));
        }
        TimeUnit.NANOSECONDS.timedWait(calls, left);
      }
      return calls(path);
    }
  }

  /** Waits for this many records at a path. */
  List<JsonObject> awaitRecords(String path, int count) throws InterruptedException {
    await(path, seen -> seen.stream().mapToInt(call -> call.records().size()).sum() >= count);
    return records(path);
  }

  /** The text at the end of a path through objects; empty when it is not there. */
  static String text(JsonObject object, String... path) {
    JsonValue value = object;
    for (String name : path) {
      value =
          value instanceof JsonObject inner
              ? inner.find(name).orElse(new JsonValue.JsonNull())
              : new JsonValue.JsonNull();
    }
    return switch (value) {
      case JsonValue.JsonText(String text) -> text;
      case JsonValue.JsonNumber(var number) -> number.toPlainString();
      default -> "";
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
