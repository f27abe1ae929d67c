package io.equator.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.Mutations;
import io.equator.coordinator.json.RandomJson;
import io.equator.coordinator.json.WireReader;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged requests over real sockets: what comes back is HTTP with a status that is defined, each
 * connection ends, and no buffer, body or request is left behind.
 */
@Timeout(120)
class HttpFuzzTest {
  private static final int CONNECTIONS = 1500;
  private static final Set<Integer> STATUSES = Set.of(100, 200, 400, 404, 413, 417, 431, 501, 505);

  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
  private ResourceLeakDetector.Level level;

  @BeforeEach
  void watchBuffers() {
    level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + records));
  }

  @AfterEach
  void stopWatching() {
    ResourceLeakDetector.setLevel(level);
    ByteBufUtil.setLeakListener(null);
  }

  /** Without caches, so that a freed buffer is counted as freed at once. */
  private static PooledByteBufAllocator countingAllocator() {
    return new PooledByteBufAllocator(true, 1, 1, 8192, 3, 0, 0, false);
  }

  private static HttpServerConfig config() {
    HttpServerConfig base = EdgeFixture.SMALL;
    return new HttpServerConfig(
        base.host(),
        0,
        base.region(),
        base.eventLoops(),
        100,
        8,
        base.bodyBytesMax(),
        base.bufferedBytesMax(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        base.shutdownTimeout(),
        true,
        null);
  }

  @Test
  void survivesWhateverComes() throws Exception {
    PooledByteBufAllocator allocator = countingAllocator();
    try (EdgeFixture edge = new EdgeFixture(config(), allocator)) {
      int answers = 0;
      for (long seed = 0; seed < CONNECTIONS; seed++) {
        answers += converse(edge, new Random(seed), seed);
      }
      assertThat(answers).isGreaterThan(CONNECTIONS);

      Await.until("open connections", () -> edge.server().connectionCount() == 0);
      assertThat(edge.server().bufferedBytes()).isZero();
      assertThat(edge.frame().inFlight()).isZero();
      Await.until("buffers in use", () -> active(allocator) == 0);
      try (RawClient client = edge.connect()) {
        client.send(EdgeFixture.request("Echo", "{}"));
        assertThat(client.read().text()).isEqualTo("{}");
      }
    }
    System.gc();
    // The detector reports when the next buffer is taken.
    for (int i = 0; i < 100; i++) {
      allocator.directBuffer(16).release();
    }
    assertThat(leaks).isEmpty();
  }

  private static long active(PooledByteBufAllocator allocator) {
    long count = 0;
    for (PoolArenaMetric arena : allocator.metric().directArenas()) {
      count += arena.numActiveAllocations();
    }
    for (PoolArenaMetric arena : allocator.metric().heapArenas()) {
      count += arena.numActiveAllocations();
    }
    return count;
  }

  private static byte[] requests(Random random) {
    RandomJson json = new RandomJson(random);
    StringBuilder text = new StringBuilder();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      String body =
          new String(
              ("{\"Item\":" + json.item() + "}").getBytes(StandardCharsets.UTF_8),
              StandardCharsets.ISO_8859_1);
      switch (random.nextInt(5)) {
        case 0 -> text.append("GET / HTTP/1.1\r\nOrigin: x\r\n\r\n");
        case 1 ->
            text.append("POST / HTTP/1.1\r\n")
                .append(EdgeFixture.headers("Echo"))
                .append("Transfer-Encoding: chunked\r\n\r\n")
                .append(Integer.toHexString(body.length()))
                .append("\r\n")
                .append(body)
                .append("\r\n0\r\n\r\n");
        default -> text.append(EdgeFixture.request("Echo", body));
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Sends one damaged conversation in random pieces, and reads answers until the end. */
  private static int converse(EdgeFixture edge, Random random, long seed) throws IOException {
    Mutations mutations = new Mutations(random);
    byte[] bytes =
        switch (random.nextInt(10)) {
          case 0 -> requests(random);
          case 1 -> mutations.noise();
          default -> mutations.of(requests(random));
        };
    int answers = 0;
    try (RawClient client = edge.connect()) {
      try {
        int at = 0;
        while (at < bytes.length) {
          int end = Math.min(bytes.length, at + 1 + random.nextInt(2000));
          client.send(Arrays.copyOfRange(bytes, at, end));
          at = end;
        }
        client.shutdownOutput();
        while (true) {
          check(client.read(), seed);
          answers++;
        }
      } catch (EOFException | SocketException _) {
        // The server has ended the connection, as it should.
      }
    }
    return answers;
  }

  private static void check(RawClient.Response response, long seed) {
    assertThat(response.status()).as("seed %d", seed).isIn(STATUSES);
    boolean json = String.valueOf(response.header("Content-Type")).startsWith("application/");
    if (json) {
      assertThat(WireReader.isJson(response.body(), 0, response.body().length))
          .as("seed %d: %s", seed, response.text())
          .isTrue();
      if (response.status() != 200) {
        assertThat(response.text()).as("seed %d", seed).startsWith("{\"__type\":\"com.amazon");
      }
    }
  }
}
