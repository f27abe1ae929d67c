package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests through the whole product leave nothing behind: no thread, no connection, no buffer, no
 * file, no open cursor; whether they were good, bad, broken off, or never finished.
 */
class LeakIT {

  private static final int REQUESTS = Integer.getInteger("equator.leak.requests", 100_000);
  private static final int WARM_UP = REQUESTS / 4;
  private static final int CLIENTS = 16;

  /** The pools of threads may have become a little larger; a leak of one in 1000 would show. */
  private static final int THREADS_MORE_MAX = 16;

  /** Files of the store and the logs that a little more data brings. */
  private static final int FILES_MORE_MAX = 48;

  /** Two chunks of Netty's arenas, or 20 bytes for each request. */
  private static final long DIRECT_BYTES_MORE_MAX = 8L << 20;

  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(20);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(30);

  @TempDir private Path temporary;

  @Test
  void aHundredThousandRequestsLeaveNothingBehind() throws Exception {
    TreeSet<String> threadsBefore = threadNames();
    long buffersBefore = buffersInUse();
    EmbeddedCluster cluster = EmbeddedCluster.start(options());
    try {
      new MixedRequests(cluster.address(), 0).createTable();
      send(cluster, WARM_UP);
      awaitNoConnections(cluster);
      Usage warm = Usage.now();

      long answered = send(cluster, REQUESTS);
      assertThat(answered).isGreaterThanOrEqualTo(REQUESTS);
      awaitNoConnections(cluster);
      await("threads", () -> Usage.now().threads <= warm.threads + THREADS_MORE_MAX);
      await("virtual threads", () -> Usage.now().virtual <= warm.virtual + THREADS_MORE_MAX);
      await("direct memory", () -> Usage.now().direct <= warm.direct + DIRECT_BYTES_MORE_MAX);
      await("sockets", () -> Usage.now().sockets <= warm.sockets);
      await("files", () -> Usage.now().files <= warm.files + FILES_MORE_MAX);
      System.out.println("after " + WARM_UP + " requests " + warm);
      System.out.println("after " + (WARM_UP + answered) + " requests " + Usage.now());
    } finally {
      // A cursor, snapshot or call that was not closed would hold the store open for ever.
      CompletableFuture.runAsync(cluster::close).get(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS);
    }
    await("buffers of Netty", () -> buffersInUse() == buffersBefore);
    await("threads of the cluster", () -> newThreads(threadsBefore).isEmpty());
  }

  private DevOptions options() {
    return new DevOptions(
        "localhost",
        0,
        Optional.of(temporary.resolve("data")),
        OptionalInt.of(1),
        OptionalInt.of(2),
        Optional.empty(),
        Optional.empty());
  }

  /** From several clients, each with connections of its own; how many were answered. */
  private static long send(EmbeddedCluster cluster, int count) throws Exception {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> sent = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        MixedRequests requests = new MixedRequests(cluster.address(), i);
        sent.add(clients.submit(() -> requests.send(count / CLIENTS + 1)));
      }
      long answered = 0;
      for (Future<Long> each : sent) {
        answered += each.get();
      }
      return answered;
    }
  }

  private static void awaitNoConnections(EmbeddedCluster cluster) {
    await("connections", () -> cluster.connectionCount() == 0);
  }

  /** What a process uses. */
  private record Usage(long threads, long virtual, long direct, long sockets, long files) {
    static Usage now() {
      List<String> descriptors = descriptors();
      long sockets = descriptors.stream().filter(name -> name.startsWith("socket:")).count();
      return new Usage(
          ManagementFactory.getThreadMXBean().getThreadCount(),
          virtualThreads(),
          directBytes(),
          sockets,
          descriptors.size() - sockets);
    }
  }

  private static long directBytes() {
    return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }

  /** Buffers that were taken from Netty's arenas, those in the caches of threads included. */
  private static long buffersInUse() {
    return Stream.concat(
            PooledByteBufAllocator.DEFAULT.metric().directArenas().stream(),
            PooledByteBufAllocator.DEFAULT.metric().heapArenas().stream())
        .mapToLong(PoolArenaMetric::numActiveAllocations)
        .sum();
  }

  /** Where the system tells them; empty elsewhere. */
  private static List<String> descriptors() {
    File[] files = new File("/proc/self/fd").listFiles();
    return files == null ? List.of() : Stream.of(files).map(file -> target(file.toPath())).toList();
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      // Closed since it was listed.
      return "";
    }
  }

  private static long virtualThreads() {
    try {
      // The JDK wants to make the file itself.
      Path folder = Files.createTempDirectory("threads");
      Path dump = folder.resolve("dump.json");
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
      long count;
      try (Stream<String> lines = Files.lines(dump)) {
        count = lines.filter(line -> line.contains("\"virtual\": true")).count();
      }
      Files.delete(dump);
      Files.delete(folder);
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TreeSet<String> threadNames() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static TreeSet<String> newThreads(TreeSet<String> before) {
    TreeSet<String> now = threadNames();
    now.removeAll(before);
    // Of the JDK and of libraries: one for the process, whoever used them first.
    now.removeIf(
        name ->
            name.startsWith("ForkJoinPool")
                || name.startsWith("globalEventExecutor")
                || name.startsWith("grpc-")
                || name.startsWith("VirtualThread-")
                || name.startsWith("Common-Cleaner")
                || name.endsWith("Poller"));
    return now;
  }

  private static void await(String what, BooleanSupplier settled) {
    long until = System.nanoTime() + SETTLED_WITHIN.toNanos();
    while (!settled.getAsBoolean()) {
      assertThat(System.nanoTime() - until)
          .as("%s: %s, %s", what, Usage.now(), threadNames())
          .isNegative();
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }
}
