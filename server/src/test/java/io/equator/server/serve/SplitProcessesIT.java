package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.dev.ShardFollower;
import io.equator.server.dev.Writers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

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
          // A half is split only when its parent's end has come to all replicas. The one that was
          // away may not know of the split yet; and until its replicas of the halves have their
          // first entries, they help nobody to be elected.
          awaitNoneClosed(cluster, other);
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

  /** It is kept for a day for those who read the stream; who keeps it may have to go before. */
  @Test
  void whatWasSplitAndIsStillReadGoesWithTheReplicas() throws Exception {
    try (ClusterProcesses cluster = new ClusterProcesses(temporary, "cluster: {partitions: 1}")) {
      start(cluster);
      Writers writers = new Writers(WRITERS);
      Map<Map<String, AttributeValue>, Map<String, AttributeValue>> table = new HashMap<>();
      String arn;
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        client.updateTable(
            r ->
                r.tableName(Writers.TABLE)
                    .streamSpecification(
                        s ->
                            s.streamEnabled(true)
                                .streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
        client.waiter().waitUntilTableExists(r -> r.tableName(Writers.TABLE));
        arn = client.describeTable(r -> r.tableName(Writers.TABLE)).table().latestStreamArn();
        Writers.Running running = writers.start(client, true);
        running.awaitAnswers(200);
        split(cluster, 1, serving(cluster, 1).getFirst());
        awaitServing(cluster, 1, 2);
        running.awaitAnswers(100);
        replace(cluster, 2, 4);
        running.awaitAnswers(100);
        replace(cluster, 3, 5);
        running.stop();
      }
      // Of the three that have it now, two have never had it whole.
      cluster.kill(1);
      String url = "http://127.0.0.1:" + cluster.apiPort(4);
      try (DynamoDbClient client = Writers.client(url);
          ShardFollower stream = new ShardFollower(url, arn)) {
        awaitAnswer(client);
        writers.check(client);
        client
            .scanPaginator(r -> r.tableName(Writers.TABLE).consistentRead(true))
            .items()
            .forEach(item -> table.put(Map.of("pk", at(item, "pk"), "sk", at(item, "sk")), item));
        readAll(stream);
        stream.checkAgainst(table);
      }
    }
  }

  private static AttributeValue at(Map<String, AttributeValue> item, String name) {
    return Objects.requireNonNull(item.get(name));
  }

  /** One node comes and another goes for good, with everything that it has. */
  private static void replace(ClusterProcesses cluster, int old, int fresh) throws Exception {
    cluster.join(fresh);
    cluster.awaitHealth(1);
    cluster.awaitOutput(1, output -> output.contains("Begun"), "drain", "node-" + old);
    cluster.awaitOutput(
        1, output -> output.contains("no node of the cluster any more"), "remove", "node-" + old);
    cluster.kill(old);
    awaitRest(cluster, 1);
  }

  private static void awaitAnswer(DynamoDbClient client) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        client.scan(r -> r.tableName(Writers.TABLE).consistentRead(true));
        return;
      } catch (SdkException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  private static void readAll(ShardFollower stream) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int idle = 0;
    while (idle < 3 || stream.shardsEnded() < 1) {
      idle = stream.step() ? idle + 1 : 0;
      assertThat(System.nanoTime()).as("the stream comes to rest").isLessThan(end);
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
        at,
        output -> output.contains("\"serving\"") && !output.contains("\"closed\""),
        "partitions",
        "--output",
        "json");
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
