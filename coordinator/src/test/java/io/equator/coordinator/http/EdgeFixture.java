package io.equator.coordinator.http;

import io.equator.coordinator.api.AnyCredentials;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.DescribeLimits;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.OperationTable;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.RequestObserver;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.tls.TlsFiles;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ValueLayer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server on a free port with a few operations to play with. */
final class EdgeFixture implements AutoCloseable {
  /** A request whose answer the test gives. */
  record Waiting(String text, CompletableFuture<ReplyBody> answer) {
    /** Answers with the request's text. */
    void release() {
      answer.complete(
          out -> {
            out.beginObject();
            out.field("Text", text);
            out.endObject();
          });
    }
  }

  /** Limits that tests reach. */
  static final HttpServerConfig SMALL =
      new HttpServerConfig(
          "127.0.0.1",
          0,
          "us-west-2",
          2,
          20,
          4,
          64 << 10,
          256 << 10,
          Duration.ofMillis(400),
          Duration.ofMillis(400),
          Duration.ofMillis(500),
          true,
          null);

  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final ApiFrame frame;
  private final HttpServer server;

  EdgeFixture(HttpServerConfig config, ByteBufAllocator allocator) throws IOException {
    this.frame =
        new ApiFrame(
            OperationTable.of(
                List.of(
                    named("Echo", EdgeFixture::echo),
                    named("Wait", this::await),
                    named("Large", EdgeFixture::large),
                    new DescribeLimits())),
            new AnyCredentials("000000000000"),
            RequestObserver.NONE,
            1000);
    this.server = HttpServer.start(config, frame, allocator);
  }

  static EdgeFixture start(HttpServerConfig config) throws IOException {
    return new EdgeFixture(config, PooledByteBufAllocator.DEFAULT);
  }

  /** With the defaults of a real server. */
  static EdgeFixture start() throws IOException {
    return start(HttpServerConfig.of("127.0.0.1", 0, "us-west-2").withEventLoops(2));
  }

  static EdgeFixture secure(TlsFiles files) throws IOException {
    return start(HttpServerConfig.of("127.0.0.1", 0, "us-west-2").withTls(files));
  }

  private static Operation named(
      String name, Function<ApiCall, CompletableFuture<ReplyBody>> body) {
    return new Operation() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public CompletableFuture<ReplyBody> run(ApiCall call) {
        return body.apply(call);
      }
    };
  }

  private record Echo(@Nullable String text, @Nullable WireItem item) {}

  private static Echo parse(ApiCall call) {
    return call.parse(
        in -> {
          String text = null;
          WireItem item = null;
          while (in.nextMember()) {
            switch (in.member()) {
              case "Text" -> text = in.string();
              case "Item" -> item = in.attributeMap();
              default -> in.skip();
            }
          }
          return new Echo(text, item);
        });
  }

  private static CompletableFuture<ReplyBody> echo(ApiCall call) {
    Echo echo = parse(call);
    WireItem item = echo.item();
    if (item != null && item.problem() != null) {
      throw ApiException.validation(item.problem().message(ValueLayer.CURRENT));
    }
    EncodedItem encoded = item == null ? EncodedItem.EMPTY : item.item();
    return CompletableFuture.completedFuture(
        out -> {
          out.beginObject();
          if (echo.text() != null) {
            out.field("Text", echo.text());
          }
          if (item != null) {
            out.field("Item", encoded);
          }
          out.endObject();
        });
  }

  private CompletableFuture<ReplyBody> await(ApiCall call) {
    Waiting next = new Waiting(String.valueOf(parse(call).text()), new CompletableFuture<>());
    waiting.add(next);
    return next.answer();
  }

  /** Answers with as many characters as the text says. */
  private static CompletableFuture<ReplyBody> large(ApiCall call) {
    int length = Integer.parseInt(String.valueOf(parse(call).text()));
    return CompletableFuture.completedFuture(
        out -> {
          out.beginObject();
          out.field("Text", "x".repeat(length));
          out.endObject();
        });
  }

  /** The next request that waits for its answer. */
  Waiting nextWaiting() throws InterruptedException {
    Waiting next = waiting.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new IllegalStateException("no request has come");
    }
    return next;
  }

  /** How many requests wait for the test. */
  int waitingCount() {
    return waiting.size();
  }

  HttpServer server() {
    return server;
  }

  ApiFrame frame() {
    return frame;
  }

  RawClient connect() throws IOException {
    return RawClient.connect(server.address());
  }

  /** A complete signed request. */
  static String request(String operation, String body) {
    return "POST / HTTP/1.1\r\n" + headers(operation) + length(body) + "\r\n" + body;
  }

  /** The same request, whose answer ends the connection. */
  static String lastRequest(String operation, String body) {
    return "POST / HTTP/1.1\r\nConnection: close\r\n"
        + headers(operation)
        + length(body)
        + "\r\n"
        + body;
  }

  /** The headers that a signed request has, but for its length. */
  static String headers(String operation) {
    return "Host: localhost:8000\r\n"
        + "Content-Type: application/x-amz-json-1.0\r\n"
        + "X-Amz-Target: DynamoDB_20120810."
        + operation
        + "\r\nX-Amz-Date: 20260101T000000Z\r\n"
        + "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/dynamodb/"
        + "aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0000\r\n";
  }

  private static String length(String body) {
    return "Content-Length: " + body.length() + "\r\n";
  }

  @Override
  public void close() {
    server.close();
  }
}
