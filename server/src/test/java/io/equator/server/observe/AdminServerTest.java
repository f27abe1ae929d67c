package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Protects what orchestrators decide by. */
class AdminServerTest {

  private final HttpClient client = HttpClient.newHttpClient();
  private final Probes probes = new Probes();
  private final AdminServer server =
      AdminServer.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "a 1\n", probes);

  AdminServerTest() throws IOException {}

  @AfterEach
  void close() {
    server.close();
    client.close();
  }

  private String ask(String method, String path) throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(
                    URI.create("http://localhost:" + server.address().getPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body().strip();
  }

  private String get(String path) throws Exception {
    return ask("GET", path);
  }

  @Test
  void saysWhatIsMissingUntilNothingIs() throws Exception {
    AtomicReference<Optional<String>> catalog =
        new AtomicReference<>(Optional.of("no \"catalog\" yet"));
    var _ = probes.addReady(catalog::get);
    assertThat(get("/readyz"))
        .isEqualTo(
            "503 {\"status\":\"failed\",\"missing\":"
                + "[\"the process is still starting\",\"no \\\"catalog\\\" yet\"]}");
    assertThat(get("/startupz")).startsWith("503 ");
    assertThat(get("/livez")).isEqualTo("200 {\"status\":\"ok\"}");

    probes.startedUp();
    assertThat(get("/readyz"))
        .isEqualTo("503 {\"status\":\"failed\",\"missing\":[\"no \\\"catalog\\\" yet\"]}");
    catalog.set(Optional.empty());
    assertThat(get("/readyz")).isEqualTo("200 {\"status\":\"ok\"}");
    assertThat(get("/startupz")).isEqualTo("200 {\"status\":\"ok\"}");
  }

  @Test
  void hasStartedForEverButIsReadyOnlyNow() throws Exception {
    AtomicReference<Optional<String>> leader = new AtomicReference<>(Optional.empty());
    var _ = probes.addReady(leader::get);
    probes.startedUp();
    assertThat(get("/startupz")).startsWith("200 ");
    leader.set(Optional.of("no leader"));
    assertThat(get("/readyz")).startsWith("503 ");
    assertThat(get("/startupz")).startsWith("200 ");
    assertThat(get("/livez")).startsWith("200 ");
    leader.set(Optional.empty());
    probes.stopping();
    assertThat(get("/readyz")).contains("the process is stopping");
  }

  @Test
  void isDeadWhenACheckOfLifeFails() throws Exception {
    Runnable end = probes.addLive(() -> Optional.of("the store has failed"));
    assertThat(get("/livez"))
        .isEqualTo("503 {\"status\":\"failed\",\"missing\":[\"the store has failed\"]}");
    end.run();
    assertThat(get("/livez")).startsWith("200 ");
  }

  @Test
  void aCheckThatThrowsCountsAsMissing() throws Exception {
    var _ =
        probes.addLive(
            () -> {
              throw new IllegalStateException("oops");
            });
    assertThat(get("/livez")).startsWith("503 ").contains("oops");
  }

  @Test
  void servesMetricsAndNothingElse() throws Exception {
    assertThat(get("/metrics")).isEqualTo("200 a 1");
    assertThat(ask("HEAD", "/metrics")).isEqualTo("200 ");
    assertThat(ask("POST", "/metrics")).startsWith("405 ");
    assertThat(get("/metrics/x")).startsWith("404 ");
    assertThat(get("/")).startsWith("404 ");
  }
}
