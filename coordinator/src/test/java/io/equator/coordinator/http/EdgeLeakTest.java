package io.equator.coordinator.http;

import static io.equator.coordinator.http.EdgeFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** After a hundred thousand requests the server holds what it held after the first thousand. */
@Timeout(120)
class EdgeLeakTest {
  private static final int CONNECTIONS = 10;
  private static final int BATCHES = 200;
  private static final int REQUESTS_PER_BATCH = 50;

  private static final String BATCH =
      (request("Echo", "{\"Item\":{\"pk\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}")
              + request("Echo", "{\"Text\":5}")
              + request("Echo", "{")
              + request("Nope", "{}")
              + "GET / HTTP/1.1\r\n\r\n")
          .repeat(REQUESTS_PER_BATCH / 5);

  @Test
  void holdsNothingAfterManyRequests() throws Exception {
    // The first server of a process starts what stays: native libraries, a thread of Netty's.
    try (EdgeFixture first = EdgeFixture.start()) {
      load(first, 2);
    }
    long filesBefore = openFiles();
    // Without caches, so that a freed buffer is counted as freed at once.
    PooledByteBufAllocator allocator = new PooledByteBufAllocator(true, 1, 1, 8192, 3, 0, 0, false);
    try (EdgeFixture edge =
        new EdgeFixture(HttpServerConfig.of("127.0.0.1", 0, "us-west-2"), allocator)) {
      load(edge, BATCHES);

      Await.until("open connections", () -> edge.server().connectionCount() == 0);
      assertThat(edge.frame().inFlight()).isZero();
      assertThat(edge.server().bufferedBytes()).isZero();
      Await.until("buffers in use", () -> buffersInUse(allocator) == 0);
    }
    Await.until("threads of the server", () -> serverThreads() == 0);
    Await.until("open files", () -> openFiles() <= filesBefore);
  }

  private static void load(EdgeFixture edge, int batches) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        clients.add(pool.submit(() -> converse(edge, batches)));
      }
      for (Future<Integer> client : clients) {
        assertThat(client.get()).isEqualTo(batches * REQUESTS_PER_BATCH);
      }
    }
  }

  private static int converse(EdgeFixture edge, int batches) throws IOException {
    int answers = 0;
    try (RawClient client = edge.connect()) {
      for (int batch = 0; batch < batches; batch++) {
        client.send(BATCH);
        for (int i = 0; i < REQUESTS_PER_BATCH; i++) {
          int status = client.read().status();
          if (status == 200 || status == 400) {
            answers++;
          }
        }
      }
    }
    return answers;
  }

  private static long buffersInUse(PooledByteBufAllocator allocator) {
    long count = 0;
    for (PoolArenaMetric arena : allocator.metric().directArenas()) {
      count += arena.numActiveAllocations();
    }
    return count;
  }

  private static long serverThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("http-"))
        .count();
  }

  private static long openFiles() {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
