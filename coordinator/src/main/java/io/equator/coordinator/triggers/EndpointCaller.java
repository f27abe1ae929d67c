package io.equator.coordinator.triggers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Posts JSON to endpoints. Blocking; an interrupt ends a call.
 *
 * <p>Redirects are not followed: an endpoint is where it was said to be. The client comes to life
 * with the first call, since its classes would make every start slower.
 */
final class EndpointCaller implements AutoCloseable {
  /** What an endpoint may answer at most; Lambda's limit of a response. */
  private static final long ANSWER_BYTES_MAX = 6 << 20;

  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  /** A call that fails faster than this may have met a connection that was just being closed. */
  private static final Duration STALE_WITHIN = Duration.ofSeconds(1);

  private @Nullable HttpClient client;
  private boolean closed;

  /** How a call ended. */
  sealed interface Reply {
    /**
     * With an HTTP answer.
     *
     * @param functionError the header {@code X-Amz-Function-Error}, empty when there is none
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    record Answered(int status, String functionError, byte[] body) implements Reply {}

    /** Without one: nobody there, a broken connection, or too late. */
    record Broken(String problem) implements Reply {}
  }

  /**
   * Posts a body.
   *
   * @param mapping the mapping's UUID, told in a header
   * @param timeout for the whole of the call, answer included
   */
  Reply post(String url, byte[] body, Duration timeout, String mapping)
      throws InterruptedException {
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(URI.create(url))
              .header("Content-Type", "application/json")
              .header("User-Agent", "equator-triggers")
              .header("X-Equator-Mapping", mapping)
              .POST(BodyPublishers.ofByteArray(body))
              .build();
    } catch (IllegalArgumentException e) {
      return new Reply.Broken("not a usable URL: " + url);
    }
    long start = System.nanoTime();
    Reply reply = send(request, timeout);
    if (reply instanceof Reply.Broken(String problem)
        && problem.startsWith(IO)
        && System.nanoTime() - start < STALE_WITHIN.toNanos()) {
      return send(request, timeout);
    }
    return reply;
  }

  private static final String IO = "connection broke: ";

  private Reply send(HttpRequest request, Duration timeout) throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> call =
        client()
            .sendAsync(
                request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    try {
      HttpResponse<byte[]> response = call.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return new Reply.Answered(
          response.statusCode(),
          response.headers().firstValue("X-Amz-Function-Error").orElse(""),
          response.body());
    } catch (TimeoutException _) {
      call.cancel(true);
      return new Reply.Broken("no answer within " + timeout.toSeconds() + " s");
    } catch (InterruptedException e) {
      call.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return switch (cause) {
        case java.net.ConnectException _ -> new Reply.Broken("nobody listens there");
        case IOException io -> new Reply.Broken(IO + io);
        default -> new Reply.Broken(String.valueOf(cause));
      };
    }
  }

  private synchronized HttpClient client() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT_WITHIN)
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .build();
    }
    return client;
  }

  /** Ends the calls that are under way. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.shutdownNow();
      client.close();
    }
  }
}
