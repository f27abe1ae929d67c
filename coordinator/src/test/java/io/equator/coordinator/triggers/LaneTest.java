package io.equator.coordinator.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.equator.coordinator.streams.StreamFeed.Event;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ChangePlace;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.proto.FunctionDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deliveries over real HTTP, with a clock of the test's own. */
class LaneTest {
  private static final long NOW = 1_800_000_000_000L;

  private final List<String> posts = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch release = new CountDownLatch(1);
  private final EndpointCaller endpoints = new EndpointCaller();
  private final Steps control = new Steps();
  private HttpServer server;

  /** A clock that goes on when somebody waits. */
  private static final class Steps implements ShardWorker.Control {
    private long now = NOW;
    private volatile boolean stopping;

    @Override
    public boolean isStopping() {
      return stopping;
    }

    @Override
    public boolean mayDeliver() {
      return true;
    }

    @Override
    public void pause(long millis) {
      now += millis;
    }

    @Override
    public long nowMillis() {
      return now;
    }
  }

  @BeforeEach
  void listen() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posts.add(path + " " + body);
            if (path.equals("/hangs")) {
              release.await(60, TimeUnit.SECONDS);
            }
            if (path.equals("/moved")) {
              exchange.getResponseHeaders().add("Location", "/ok");
            }
            exchange.sendResponseHeaders(
                path.equals("/moved") ? 302 : path.equals("/ok") ? 200 : 500, -1);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.setExecutor(Thread::startVirtualThread);
    server.start();
  }

  @AfterEach
  void close() {
    release.countDown();
    endpoints.close();
    server.stop(0);
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  private static Event event(long index, long createdMillis) {
    return new Event(
        ChangePlace.newBuilder().setLogIndex(index).build(),
        "seq-" + index,
        createdMillis,
        0,
        ("{\"n\":" + index + "}").getBytes(StandardCharsets.UTF_8));
  }

  private EventSourceMappingDescriptor.Builder mapping(String function) {
    return MappingRules.defaults()
        .setUuid("u")
        .setEventSourceArn("stream")
        .setFunctionArn(function)
        .setOnFailureDestination(url("/ok"));
  }

  private Lane run(EventSourceMappingDescriptor mapping, List<Event> events) {
    return run(mapping, events, CatalogSnapshot.empty());
  }

  private Lane run(
      EventSourceMappingDescriptor mapping, List<Event> events, CatalogSnapshot catalog) {
    Lane lane =
        new Lane(
            new MappingTarget(mapping, () -> catalog, endpoints),
            mapping,
            control,
            "shard",
            events);
    lane.run();
    return lane;
  }

  @Test
  void recordsThatAreTooOldAreToldAndNotDelivered() {
    Lane lane =
        run(
            mapping(url("/ok")).setMaximumRecordAgeSeconds(60).build(),
            List.of(event(1, NOW - 60_001), event(2, NOW - 60_000)));
    assertThat(lane.unfinished()).isEmpty();
    assertThat(posts).hasSize(2);
    assertThat(posts.get(0))
        .contains("\"condition\":\"RecordAgeExceeded\"")
        .contains("\"approximateInvokeCount\":0")
        .contains("\"startSequenceNumber\":\"seq-1\",\"endSequenceNumber\":\"seq-1\"")
        .contains("\"approximateArrivalOfFirstRecord\":\"2027-01-15T07:58:59Z\"")
        .contains("\"timestamp\":\"2027-01-15T08:00:00Z\"")
        .contains("\"batchSize\":1")
        .doesNotContain("responseContext");
    assertThat(posts.get(1)).isEqualTo("/ok {\"Records\":[{\"n\":2}]}");
  }

  @Test
  void aRecordThatGrowsTooOldWhileItFailsIsGivenUp() {
    Lane lane =
        run(mapping(url("/fails")).setMaximumRecordAgeSeconds(60).build(), List.of(event(1, NOW)));
    assertThat(lane.unfinished()).isEmpty();
    assertThat(posts.getLast())
        .contains("\"condition\":\"RecordAgeExceeded\"")
        .contains("\"statusCode\":500");
    assertThat(posts.size()).isGreaterThan(5);
  }

  @Test
  void batchesFollowOneAnotherAndAStopLeavesTheRest() {
    EventSourceMappingDescriptor mapping = mapping(url("/ok")).setBatchSize(2).build();
    assertThat(run(mapping, List.of(event(1, NOW), event(2, NOW), event(3, NOW))).unfinished())
        .isEmpty();
    assertThat(posts)
        .containsExactly(
            "/ok {\"Records\":[{\"n\":1},{\"n\":2}]}", "/ok {\"Records\":[{\"n\":3}]}");
    control.stopping = true;
    assertThat(run(mapping, List.of(event(4, NOW))).unfinished())
        .contains(ChangePlace.newBuilder().setLogIndex(4).build());
    assertThat(posts).hasSize(2);
  }

  @Test
  void aRedirectIsAFailureAndIsNotFollowed() {
    run(mapping(url("/moved")).setMaximumRetryAttempts(0).build(), List.of(event(1, NOW)));
    assertThat(posts).hasSize(2);
    assertThat(posts.get(0)).startsWith("/moved ");
    assertThat(posts.get(1)).contains("RetryAttemptsExhausted").contains("\"statusCode\":302");
  }

  @Test
  void aDestinationThatTakesNothingIsPassedOver() {
    Lane lane =
        run(
            mapping(url("/fails"))
                .setMaximumRetryAttempts(0)
                .setOnFailureDestination(url("/fails-too"))
                .build(),
            List.of(event(1, NOW)));
    assertThat(lane.unfinished()).isEmpty();
    assertThat(posts.stream().filter(post -> post.startsWith("/fails-too "))).hasSize(6);
  }

  @Test
  void aCallThatTakesTooLongHasFailed() {
    CatalogSnapshot catalog =
        CatalogSnapshot.empty()
            .with(
                CatalogEvent.newBuilder()
                    .setRevision(1)
                    .addPuts(
                        CatalogObject.newBuilder()
                            .setKey(CatalogKeys.function("F"))
                            .setFunction(
                                FunctionDescriptor.newBuilder()
                                    .setName("F")
                                    .setUrl(url("/hangs"))
                                    .setTimeoutSeconds(1)))
                    .build());
    run(
        mapping("arn").setFunctionName("F").setMaximumRetryAttempts(0).build(),
        List.of(event(1, NOW)),
        catalog);
    assertThat(posts.getLast())
        .contains("RetryAttemptsExhausted")
        .contains("\"functionArn\":\"arn\"")
        .contains("\"statusCode\":0");
  }

  @Test
  void aFunctionThatIsGoneOrNotListeningHasFailed() {
    run(
        mapping("arn").setFunctionName("Gone").setMaximumRetryAttempts(0).build(),
        List.of(event(1, NOW)));
    run(mapping("http://localhost:1/").setMaximumRetryAttempts(0).build(), List.of(event(2, NOW)));
    assertThat(posts).hasSize(2).allMatch(post -> post.contains("RetryAttemptsExhausted"));
  }
}
