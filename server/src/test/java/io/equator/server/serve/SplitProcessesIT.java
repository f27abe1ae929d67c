package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.dev.Writers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Partitions are split in a cluster of real processes while nodes are down and die: what was begun
 * comes to its end, and what was answered is there.
 */
class SplitProcessesIT {
  private static final int WRITERS = 4;
  private static final Pattern CATALOG_LEADER =
      Pattern.compile("\"catalog-leader\" : \"node-(\\d+)\"");
  private static final Pattern SERVING =
      Pattern.compile("\"partition\" : (\\d+)[^{}]*?\"state\" : \"serving\"");

  @TempDir private Path temporary;

  @Test
  void aNodeThatWasAwayTakesOverWhatWasSplitMeanwhile() throws Exception {
    try (ClusterProcesses cluster = new ClusterProcesses(temporary, "cluster: {partitions: 1}")) {
      start(cluster);
      Writers writers = new Writers(WRITERS);
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        Writers.Running running = writers.start(client, true);
        running.awaitAnswers(100);
        cluster.kill(3);
        running.awaitAnswers(100);
        split(cluster, 1, serving(cluster, 1).getFirst());
        awaitServing(cluster, 1, 2);
        running.awaitAnswers(100);
        cluster.start(3, Map.of());
        cluster.awaitHealth(3);
        awaitNoneClosed(cluster, 1);
        running.awaitAnswers(100);
        cluster.kill(1);
        running.awaitAnswers(100);
        running.stop();
        writers.check(client);
        cluster.start(1, Map.of());
        cluster.awaitHealth(1);
      }
      try (DynamoDbClient direct = Writers.client("http://127.0.0.1:" + cluster.apiPort(3))) {
        writers.check(direct);
      }
    }
  }

  @Test
  void aSplitGoesOnWhenWhoDrivesItDies() throws Exception {
    try (ClusterProcesses cluster = new ClusterProcesses(temporary, "cluster: {partitions: 1}")) {
      start(cluster);
      Writers writers = new Writers(WRITERS);
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        Writers.Running running = writers.start(client, true);
        for (int round = 0; round < 3; round++) {
          running.awaitAnswers(50);
          int driver = catalogLeader(cluster);
          int other = driver == 1 ? 2 : 1;
          List<Long> serving = serving(cluster, other);
          split(cluster, other, serving.get(round % serving.size()));
          // Each time a little later in the split.
          running.awaitAnswers(20 * round);
          cluster.kill(driver);
          awaitServing(cluster, other, serving.size() + 1);
          running.awaitAnswers(50);
          cluster.start(driver, Map.of());
          cluster.awaitHealth(driver);
          // A half is split only when its parent's end has come to all replicas.
          awaitNoneClosed(cluster, driver);
        }
        running.stop();
        writers.check(client);
      }
    }
  }

  @Test
  void aHalfComesToANodeThatHasNeverHadTheWhole() throws Exception {
    try (ClusterProcesses cluster = new ClusterProcesses(temporary, "cluster: {partitions: 1}")) {
      start(cluster);
      Writers writers = new Writers(WRITERS);
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        Writers.Running running = writers.start(client, true);
        running.awaitAnswers(100);
        split(cluster, 1, serving(cluster, 1).getFirst());
        awaitServing(cluster, 1, 2);
        cluster.join(4);
        cluster.awaitHealth(4);
        cluster.awaitOutput(
            1, output -> output.contains("node-4"), "partitions", "--output", "json");
        awaitRest(cluster, 1);
        running.awaitAnswers(100);
        running.stop();
        writers.check(client);
      }
      try (DynamoDbClient direct = Writers.client("http://127.0.0.1:" + cluster.apiPort(4))) {
        writers.check(direct);
      }
    }
  }

  private static void start(ClusterProcesses cluster) throws Exception {
    cluster.found();
    cluster.join(2);
    cluster.join(3);
    cluster.awaitHealth(1);
    // Three members of the catalog, so that one may die.
    awaitRest(cluster, 1);
  }

  private static void awaitRest(ClusterProcesses cluster, int at) throws Exception {
    cluster.awaitOutput(
        at,
        output -> output.contains("\"amiss\" : [ ]") && output.contains("\"moving\" : 0"),
        "status",
        "--output",
        "json");
  }

  private static int catalogLeader(ClusterProcesses cluster) throws Exception {
    cluster.awaitOutput(
        1, output -> CATALOG_LEADER.matcher(output).find(), "status", "--output", "json");
    Matcher leader =
        CATALOG_LEADER.matcher(cluster.admin(1, "status", "--output", "json").output());
    assertThat(leader.find()).isTrue();
    return Integer.parseInt(leader.group(1));
  }

  /** At rest, as soon as the command is answered. */
  private static List<Long> serving(ClusterProcesses cluster, int at) throws Exception {
    List<Long> serving = new ArrayList<>();
    cluster.awaitOutput(
        at,
        output -> {
          serving.clear();
          SERVING
              .matcher(output)
              .results()
              .forEach(found -> serving.add(Long.valueOf(found.group(1))));
          return !serving.isEmpty();
        },
        "partitions",
        "--output",
        "json");
    return serving;
  }

  private static void split(ClusterProcesses cluster, int at, long partition) throws Exception {
    cluster.awaitOutput(
        at,
        output -> output.contains("\"first\"") || output.contains("is being split"),
        "split",
        "--partition",
        Long.toString(partition),
        "--output",
        "json");
  }

  /** A partition that was split goes when all three replicas have handed over. */
  private static void awaitNoneClosed(ClusterProcesses cluster, int at) throws Exception {
    cluster.awaitOutput(
        at, output -> !output.contains("\"closed\""), "partitions", "--output", "json");
  }

  private static void awaitServing(ClusterProcesses cluster, int at, int count) throws Exception {
    cluster.awaitOutput(
        at,
        output -> SERVING.matcher(output).results().count() == count,
        "partitions",
        "--output",
        "json");
  }
}
