package io.equator.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.cluster.ClusterView;
import io.equator.chaos.cluster.ProcessCluster;
import io.equator.chaos.work.Client;
import io.equator.chaos.work.Pulse;
import io.equator.server.serve.LoadBalancer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The figures of docs/reliability.md: {@code -Dchaos.figures=true}. They say nothing about right
 * and wrong, so they are no part of a usual build.
 */
@EnabledIfSystemProperty(
    named = "chaos.figures",
    matches = "true",
    disabledReason = "figures are taken with -Dchaos.figures=true")
class FiguresIT {
  private static final int KILLS = 20;

  @TempDir private Path folder;

  @Test
  void theTimeWithoutServiceWhenALeaderIsKilled() throws Exception {
    try (ProcessCluster cluster = ProcessCluster.start(folder, 3, "cluster: {partitions: 1}");
        LoadBalancer balancer = balancer(cluster);
        DynamoDbClient usual = Client.usual(balancer.url())) {
      ClusterView view = new ClusterView(cluster);
      view.awaitWell(1);
      Pulse.createTable(usual);
      List<Double> gaps = new ArrayList<>();
      try (Pulse applications = Pulse.start(usual, 2)) {
        for (int i = 0; i < KILLS; i++) {
          view.awaitWell(1);
          int leader = view.leaders(1).get(1L);
          int survivor = leader % 3 + 1;
          try (DynamoDbClient once =
              Client.once(
                  "http:/" + cluster.clients(survivor).toString().replaceFirst("^/?", "/"))) {
            gaps.add(Pulse.silence(once, () -> cluster.kill(leader)) / 1e9);
          }
          cluster.launch(leader);
          cluster.awaitReady(leader);
        }
        applications.stop();
        Collections.sort(gaps);
        System.out.printf(
            "figures: %d kills of the leader, without service p50 %.2f s, p99 %.2f s, all %s%n",
            KILLS, gaps.get(KILLS / 2), gaps.get(KILLS * 99 / 100), gaps);
        System.out.printf("figures: applications meanwhile: %s%n", applications.summary());
      }
      assertThat(gaps).hasSize(KILLS);
    }
  }

  @Test
  void whatARollingRestartAndAFourthNodeCost() throws Exception {
    try (ProcessCluster cluster = ProcessCluster.start(folder, 3, "cluster: {partitions: 4}");
        LoadBalancer balancer = balancer(cluster);
        DynamoDbClient usual = Client.usual(balancer.url())) {
      ClusterView view = new ClusterView(cluster);
      view.awaitWell(1);
      Pulse.createTable(usual);
      Pulse.fill(usual, 4_000);
      System.out.printf(
          "figures: undisturbed: %s%n", during(usual, () -> TimeUnit.SECONDS.sleep(20)));
      System.out.printf(
          "figures: rolling restart: %s%n",
          during(
              usual,
              () -> {
                for (int node = 1; node <= 3; node++) {
                  assertThat(cluster.stop(node)).isTrue();
                  cluster.launch(node);
                  cluster.awaitReady(node);
                  view.awaitWell(1);
                }
              }));
      System.out.printf(
          "figures: a fourth node joins: %s%n",
          during(
              usual,
              () -> {
                cluster.join(4);
                view.await(
                    1,
                    output -> numbers("replicas", output).equals(List.of(3L, 3L, 3L, 3L)),
                    "nodes",
                    "--output",
                    "json");
                view.awaitWell(1);
              }));
      List<Long> bytes = numbers("bytes", cluster.admin(1, "nodes", "--output", "json").output());
      System.out.printf("figures: bytes of replicas by node after that: %s%n", bytes);
      List<Integer> holders = view.replicas(1).get(1L);
      int from = holders.getFirst();
      int to =
          List.of(1, 2, 3, 4).stream()
              .filter(node -> !holders.contains(node))
              .findFirst()
              .orElseThrow();
      System.out.printf(
          "figures: one move: %s%n",
          during(
              usual,
              () -> {
                cluster.admin(1, "move", "1", "--from", "node-" + from, "--to", "node-" + to);
                view.awaitWell(1);
              }));
    }
  }

  private interface Disturbance {
    void happen() throws Exception;
  }

  private static String during(DynamoDbClient client, Disturbance disturbance) throws Exception {
    try (Pulse applications = Pulse.start(client, 4)) {
      disturbance.happen();
      applications.stop();
      return applications.summary();
    }
  }

  private static LoadBalancer balancer(ProcessCluster cluster) throws Exception {
    return new LoadBalancer(cluster::clients);
  }

  private static List<Long> numbers(String name, String json) {
    List<Long> numbers = new ArrayList<>();
    Matcher found = Pattern.compile("\"" + name + "\" : (\\d+)").matcher(json);
    while (found.find()) {
      numbers.add(Long.valueOf(found.group(1)));
    }
    return numbers;
  }
}
