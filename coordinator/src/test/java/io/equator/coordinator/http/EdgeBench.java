package io.equator.coordinator.http;

import io.equator.coordinator.api.AnyCredentials;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.OperationTable;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.RequestObserver;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.model.item.EncodedItem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What the edge alone costs: HTTP and JSON with nothing behind them, in CPU time of the server per
 * request. The limit that everything else is compared with in {@code docs/performance.md}.
 *
 * <p>{@code GetItem} reads a key and answers an item of 1 KB with ten attributes; {@code PutItem}
 * reads such an item and answers nothing. The server runs in a process of its own; the client's 32
 * connections run here. Rounds of the servers are interleaved, so that a noisy machine is noisy for
 * all of them.
 *
 * <pre>
 * ./mvnw -q -Pbench -pl coordinator -am test-compile exec:exec \
 *     -Dbench.main=io.equator.coordinator.http.EdgeBench -Dbench=5 -Dbench.options=5
 * </pre>
 */
public final class EdgeBench {
  private static final int CONNECTIONS = 32;
  private static final List<String> SERVERS = List.of("equator", "codec");
  private static final List<String> OPERATIONS = List.of("GetItem", "PutItem");

  private EdgeBench() {}

  /** The client: seconds per round, rounds. With {@code serve}: one of the servers. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 1 && arguments[0].equals("serve")) {
      serve(arguments[1]);
      return;
    }
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    measure(seconds, rounds);
  }

  // ---- requests

  /** An item of about 1 KB with ten attributes. */
  public static String item() {
    StringBuilder text = new StringBuilder("{\"pk\":{\"S\":\"user0000000000012345678\"}");
    for (int i = 0; i < 9; i++) {
      text.append(",\"field")
          .append(i)
          .append("\":{\"S\":\"")
          .append("x".repeat(103))
          .append("\"}");
    }
    return text.append('}').toString();
  }

  /** The body of a PutItem. */
  public static byte[] putBody() {
    return ("{\"TableName\":\"usertable\",\"Item\":" + item() + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] request(String operation) {
    String body =
        operation.equals("PutItem")
            ? new String(putBody(), StandardCharsets.UTF_8)
            : "{\"TableName\":\"usertable\",\"Key\":{\"pk\":{\"S\":\"user0000000000012345678\"}},"
                + "\"ConsistentRead\":true}";
    String head =
        "POST / HTTP/1.1\r\nHost: localhost:8000\r\n"
            + "amz-sdk-invocation-id: 3d6a2ee6-7bcd-4c0a-b2a5-0d8e7ea8d2f1\r\n"
            + "amz-sdk-request: attempt=1; max=4\r\n"
            + "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-west-2/dynamodb"
            + "/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;"
            + "content-type;host;x-amz-date;x-amz-target, Signature="
            + "0".repeat(64)
            + "\r\nContent-Type: application/x-amz-json-1.0\r\n"
            + "User-Agent: aws-sdk-java/2.57.8 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1"
            + " lang/java#25 md/OpenJDK_64-Bit_Server_VM m/D,N\r\n"
            + "X-Amz-Date: 20260101T000000Z\r\nX-Amz-Target: DynamoDB_20120810."
            + operation
            + "\r\nContent-Length: "
            + body.length()
            + "\r\nConnection: Keep-Alive\r\n\r\n";
    return (head + body).getBytes(StandardCharsets.ISO_8859_1);
  }

  // ---- the server

  private record FixedOperation(String name, @Nullable EncodedItem answer) implements Operation {
    @Override
    public CompletableFuture<ReplyBody> run(ApiCall call) {
      call.parse(FixedOperation::read);
      EncodedItem item = answer;
      if (item == null) {
        return CompletableFuture.completedFuture(ReplyBody.EMPTY);
      }
      return CompletableFuture.completedFuture(
          out -> {
            out.beginObject();
            out.field("Item", item);
            out.endObject();
          });
    }

    private static @Nullable WireItem read(WireReader in) {
      WireItem item = null;
      while (in.nextMember()) {
        switch (in.member()) {
          case "TableName" -> in.string();
          case "Item", "Key" -> item = in.attributeMap();
          case "ConsistentRead" -> in.bool();
          default -> in.skip();
        }
      }
      return item;
    }
  }

  private static EncodedItem encodedItem() {
    byte[] body = putBody();
    WireItem item = WireReader.read(body, 0, body.length, FixedOperation::read);
    if (item == null) {
      throw new IllegalStateException("the body has no item");
    }
    return item.item();
  }

  private static void serve(String server) throws Exception {
    ApiFrame frame =
        new ApiFrame(
            OperationTable.of(
                List.of(
                    new FixedOperation("GetItem", encodedItem()),
                    new FixedOperation("PutItem", null))),
            new AnyCredentials("000000000000"),
            RequestObserver.NONE,
            1000);
    InetSocketAddress address;
    AutoCloseable running;
    if (server.equals("codec")) {
      CodecBaseline baseline = new CodecBaseline(frame);
      running = baseline;
      address = baseline.address();
    } else {
      HttpServer equator =
          HttpServer.start(HttpServerConfig.of("127.0.0.1", 0, "us-west-2"), frame);
      running = equator;
      address = equator.address();
    }
    PrintStream out = System.out;
    out.println(address.getPort());
    try (running;
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      while (in.readLine() != null) {
        out.println(cpuNanos());
      }
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  // ---- the client

  private static final class Server implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final int port;

    Server(String name) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(System.getProperty("java.home") + "/bin/java");
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(
          List.of(
              "-Xmx512m",
              "-cp",
              System.getProperty("java.class.path"),
              EdgeBench.class.getName(),
              "serve",
              name));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      out = process.inputReader(StandardCharsets.UTF_8);
      in = process.outputWriter(StandardCharsets.UTF_8);
      port = Integer.parseInt(String.valueOf(out.readLine()));
    }

    long cpuNanos() throws IOException {
      in.write("cpu\n");
      in.flush();
      return Long.parseLong(String.valueOf(out.readLine()));
    }

    @Override
    public void close() throws IOException {
      in.close();
      process.destroy();
    }
  }

  private record Round(long count, long nanos, long cpuNanos) {
    double microsPerRequest() {
      return cpuNanos / 1e3 / count;
    }
  }

  private static void measure(int seconds, int rounds) throws Exception {
    List<Server> servers = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(CONNECTIONS)) {
      for (String name : SERVERS) {
        servers.add(new Server(name));
      }
      System.out.println("server   operation   requests/s   per CPU-s   CPU µs/request");
      for (String operation : OPERATIONS) {
        List<List<Round>> results = new ArrayList<>();
        for (Server server : servers) {
          // The compiler's work is not the server's.
          run(pool, server, operation, 3 * seconds);
          results.add(new ArrayList<>());
        }
        for (int round = 0; round < rounds; round++) {
          for (int i = 0; i < servers.size(); i++) {
            results.get(i).add(run(pool, servers.get(i), operation, seconds));
          }
        }
        for (int i = 0; i < servers.size(); i++) {
          print(SERVERS.get(i), operation, results.get(i));
        }
      }
    } finally {
      for (Server server : servers) {
        server.close();
      }
    }
  }

  private static void print(String server, String operation, List<Round> rounds) {
    Round[] sorted = rounds.toArray(new Round[0]);
    Arrays.sort(sorted, (a, b) -> Double.compare(a.microsPerRequest(), b.microsPerRequest()));
    Round median = sorted[sorted.length / 2];
    System.out.printf(
        Locale.ROOT,
        "%-8s %-11s %10.0f  %10.0f   %6.1f   (%.1f to %.1f)%n",
        server,
        operation,
        median.count() * 1e9 / median.nanos(),
        1e6 / median.microsPerRequest(),
        median.microsPerRequest(),
        sorted[0].microsPerRequest(),
        sorted[sorted.length - 1].microsPerRequest());
  }

  private static Round run(ExecutorService pool, Server server, String operation, int seconds)
      throws Exception {
    byte[] request = request(operation);
    long cpu = server.cpuNanos();
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    List<Future<Long>> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(pool.submit(() -> loop(server.port, request, end)));
    }
    long count = 0;
    for (Future<Long> client : clients) {
      count += client.get();
    }
    return new Round(count, System.nanoTime() - start, server.cpuNanos() - cpu);
  }

  private static long loop(int port, byte[] request, long end) throws IOException {
    long count = 0;
    try (RawClient client =
        RawClient.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      client.send(request);
      RawClient.Response first = client.read();
      if (first.status() != 200) {
        throw new IOException(first.text());
      }
      // Every later answer is as long as the first, so that the client need not parse.
      client.send(request);
      int length = client.readAvailable();
      while (System.nanoTime() < end) {
        client.send(request);
        client.skip(length);
        count++;
      }
    }
    return count;
  }
}
