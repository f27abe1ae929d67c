package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.observe.ObserveOptions;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What probes and metrics say while nodes are lost. */
class ObservedFailuresTest {

  private static final Duration WITHIN = Duration.ofSeconds(60);

  @Test
  void isNotReadyWithoutAMajorityButLivesAndIsReadyAgain() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient();
        EmbeddedCluster cluster =
            EmbeddedCluster.start(
                DevOptions.inMemory(3),
                ObserveOptions.NONE.withAdmin(new InetSocketAddress("localhost", 0)))) {
      Admin admin = new Admin(http, cluster);
      // A node opens its partitions after the API answers.
      admin.await("/readyz", answer -> answer.equals("200 {\"status\":\"ok\"}"));
      admin.await(
          "/metrics",
          scrape ->
              scrape.lines().filter(line -> line.matches("equator_partition_leader.* 1.0")).count()
                  == 1);
      String scrape = admin.ask("/metrics");
      for (int node = 1; node <= 3; node++) {
        assertThat(scrape).contains("node=\"node-" + node + "\"");
      }
      assertThat(
              scrape
                  .lines()
                  .filter(line -> line.startsWith("equator_partition_replica_behind_entries{")))
          .as("the leader tells of both others")
          .hasSize(2);

      cluster.embeddedNodes().crash(2);
      cluster.embeddedNodes().crash(3);
      admin.await(
          "/readyz",
          answer ->
              answer.equals(
                  "503 {\"status\":\"failed\",\"missing\":[\"no leader of ring 1 is reached\"]}"));
      assertThat(admin.ask("/livez")).isEqualTo("200 {\"status\":\"ok\"}");
      assertThat(admin.ask("/startupz")).isEqualTo("200 {\"status\":\"ok\"}");
      assertThat(admin.ask("/metrics"))
          .contains("node=\"node-1\"")
          .doesNotContain("partition_leader{node=\"node-2\"")
          .doesNotContain("partition_leader{node=\"node-3\"");

      cluster.embeddedNodes().restart(2);
      admin.await("/readyz", answer -> answer.startsWith("200 "));
    }
  }

  private record Admin(HttpClient http, EmbeddedCluster cluster) {
    String ask(String path) throws Exception {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://localhost:"
                              + cluster.adminAddress().orElseThrow().getPort()
                              + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body().strip();
    }

    void await(String path, Predicate<String> wanted) throws Exception {
      long deadline = System.nanoTime() + WITHIN.toNanos();
      String answer = ask(path);
      while (!wanted.test(answer)) {
        assertThat(System.nanoTime()).as("the last answer was " + answer).isLessThan(deadline);
        answer = ask(path);
      }
    }
  }
}
