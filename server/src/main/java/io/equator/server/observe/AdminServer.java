package io.equator.server.observe;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for those who look after the process: metrics and probes, over plain HTTP.
 *
 * <table>
 * <caption>What it answers to GET (and HEAD)</caption>
 * <tr><td>/metrics</td><td>200, Prometheus's text format</td></tr>
 * <tr><td>/livez</td><td>200, or 503 when only a new process helps</td></tr>
 * <tr><td>/readyz</td><td>200, or 503 while requests should go elsewhere</td></tr>
 * <tr><td>/startupz</td><td>200 once the process has been ready, 503 before</td></tr>
 * </table>
 *
 * <p>The probes' bodies are one line of JSON: {@code {"status":"ok"}} or {@code
 * {"status":"failed","missing":["…"]}}. It has no authentication: whoever reaches the port may read
 * it, and nothing can be changed through it.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final String JSON_TYPE = "application/json";

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private AdminServer(InetSocketAddress address, Supplier<String> metrics, Probes probes)
      throws IOException {
    this.http = HttpServer.create(address, 0);
    http.setExecutor(threads);
    serve("/metrics", () -> new Answer(200, METRICS_TYPE, metrics.get()));
    serve("/livez", () -> verdict(probes.whyDead()));
    serve("/readyz", () -> verdict(probes.whyNotReady()));
    serve("/startupz", () -> verdict(probes.whyNotStarted()));
    http.createContext("/", exchange -> send(exchange, NOT_FOUND));
  }

  /**
   * Binds and starts.
   *
   * @param metrics what is answered to {@code /metrics}; called for each request
   * @throws IOException when the port is taken
   */
  public static AdminServer start(
      InetSocketAddress address, Supplier<String> metrics, Probes probes) throws IOException {
    AdminServer server = new AdminServer(address, metrics, probes);
    server.http.start();
    return server;
  }

  private record Answer(int status, String type, String body) {}

  private static final Answer NOT_FOUND =
      new Answer(404, "text/plain", "try /metrics, /livez, /readyz or /startupz\n");
  private static final Answer NOT_ALLOWED = new Answer(405, "text/plain", "GET only\n");

  private void serve(String path, Supplier<Answer> answer) {
    http.createContext(
        path,
        exchange -> {
          // A context also gets the paths below it.
          if (!exchange.getRequestURI().getPath().equals(path)) {
            send(exchange, NOT_FOUND);
          } else if (isRead(exchange)) {
            send(exchange, answer(path, answer));
          } else {
            send(exchange, NOT_ALLOWED);
          }
        });
  }

  private static boolean isRead(HttpExchange exchange) {
    String method = exchange.getRequestMethod();
    return method.equals("GET") || method.equals("HEAD");
  }

  private static Answer answer(String path, Supplier<Answer> answer) {
    try {
      return answer.get();
    } catch (RuntimeException e) {
      LOG.error("{} cannot be answered", path, e);
      return new Answer(500, "text/plain", e + "\n");
    }
  }

  private static Answer verdict(List<String> missing) {
    return new Answer(missing.isEmpty() ? 200 : 503, JSON_TYPE, json(missing) + "\n");
  }

  private static String json(List<String> missing) {
    if (missing.isEmpty()) {
      return "{\"status\":\"ok\"}";
    }
    StringBuilder body = new StringBuilder("{\"status\":\"failed\",\"missing\":[");
    for (int i = 0; i < missing.size(); i++) {
      body.append(i == 0 ? "\"" : ",\"").append(quoted(missing.get(i))).append('"');
    }
    return body.append("]}").toString();
  }

  private static String quoted(String text) {
    return String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Where it listens; tells the port when a free one was asked for. */
  public InetSocketAddress address() {
    return http.getAddress();
  }

  /** Stops at once; a scrape on its way is cut. Idempotent. */
  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
