package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.dev.Writers;
import io.equator.server.serve.ClusterProcesses.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ReplicaDescription;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/**
 * Clusters of real processes, each with a root of its own, that become regions of one federation by
 * an operator's commands, and what they then do with a global table.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as an array of generic type.
class FederationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final String TABLE = "Players";

  @TempDir private Path temporary;

  private ClusterProcesses cluster(String region) throws Exception {
    Path folder = Files.createDirectories(temporary.resolve(region));
    ClusterProcesses cluster =
        new ClusterProcesses(
            folder, "cluster: {region: " + region + ", partitions: 2}", new RegionPorts(folder));
    cluster.found();
    return cluster;
  }

  @Test
  void threeClustersFindOneAnotherAndKeepATableEqualWhileANodeDies() throws Exception {
    try (ClusterProcesses west = cluster("us-west-2");
        ClusterProcesses east = cluster("us-east-1");
        ClusterProcesses north = cluster("eu-north-1")) {
      west.join(2);
      west.join(3);
      west.awaitHealth(1);

      Path invitation = temporary.resolve("east.json");
      said(west.admin(1, "region", "invite", "--file", invitation.toString()));
      String joining = said(east.admin(1, "region", "add", "--file", invitation.toString()));
      assertThat(joining).contains("us-east-1 is region number");
      assertThat(said(east.admin(1, "region", "add", "--file", invitation.toString())))
          .as("done again, as after an answer that was lost")
          .isEqualTo(joining);
      Outcome used = north.admin(1, "region", "add", "--file", invitation.toString());
      assertThat(used.exitCode()).isEqualTo(1);
      assertThat(used.output()).contains("the invitation is not known, used up, or expired");

      // Let in by one region, known to all.
      Path another = temporary.resolve("north.json");
      said(east.admin(1, "region", "invite", "--file", another.toString()));
      said(north.admin(1, "region", "add", "--file", another.toString()));
      for (ClusterProcesses cluster : List.of(west, east, north)) {
        cluster.awaitOutput(
            1,
            output -> output.lines().filter(line -> line.contains(" member ")).count() == 2,
            "region",
            "list");
        awaitAllAnswer(cluster);
      }

      try (LoadBalancer balancer = new LoadBalancer(west.apiPorts());
          DynamoDbClient inWest = Writers.client(balancer.url());
          DynamoDbClient inEast = Writers.client("http://127.0.0.1:" + east.apiPort(1))) {
        create(inWest);
        addReplica(inWest, "us-east-1");
        Map<String, Integer> answered = new TreeMap<>();
        for (int i = 0; i < 40; i++) {
          write(i % 2 == 0 ? inWest : inEast, "before" + i, i, answered);
        }
        west.kill(2);
        for (int i = 0; i < 40; i++) {
          write(i % 2 == 0 ? inWest : inEast, "during" + i, i, answered);
        }
        west.start(2, Map.of());
        await("both hold all that was answered", () -> items(inEast).equals(answered));
        await("both hold all that was answered", () -> items(inWest).equals(answered));

        awaitAllGoesOn(west);
        String seen = said(west.admin(1, "replication", "--output", "json"));
        assertThat(seen).contains("\"table\" : \"Players\"", "\"partitions\" : \"2 of 2\"");
        assertThat(seen).contains("\"pending\" : 0").doesNotContain("\"sent\" : 0,");
        assertThat(said(west.admin(1, "replication", "--table", "Players", "--partitions")))
            .contains("CURSOR")
            .hasLineCount(3);
        assertThat(said(west.admin(1, "compare-regions", "Players")))
            .containsPattern("us-east-1 +2 of 2 ");
        assertThat(west.admin(1, "replication", "--table", "None").output())
            .contains("there is no table None that other regions have");

        Outcome holds = west.admin(1, "region", "remove", "us-east-1");
        assertThat(holds.exitCode()).isEqualTo(1);
        assertThat(holds.output()).contains("us-east-1 has replicas of Players");
        assertThat(said(west.admin(1, "region", "remove", "eu-north-1")))
            .contains("eu-north-1 has left the federation, and knows it");
        east.awaitOutput(1, output -> output.contains(" removed "), "region", "list");
        Path back = temporary.resolve("back.json");
        said(west.admin(1, "region", "invite", "--file", back.toString()));
        assertThat(north.admin(1, "region", "add", "--file", back.toString()).output())
            .contains("found it anew with empty folders");
        // Who is left goes on.
        write(inEast, "after", 1, answered);
        await("a write still travels", () -> items(inWest).equals(answered));
      }
    }
  }

  /** A lane that has waited for a region tries again after some seconds. */
  private static void awaitAllGoesOn(ClusterProcesses cluster) throws Exception {
    cluster.awaitOutput(
        1,
        output -> output.contains("\"trouble\" : \"\"") && output.contains("\"pending\" : 0"),
        "replication",
        "--output",
        "json");
  }

  private static void awaitAllAnswer(ClusterProcesses cluster) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Outcome last = cluster.admin(1, "region", "status", "--output", "json");
    while (last.exitCode() != 0 && System.nanoTime() - end < 0) {
      Thread.sleep(200);
      last = cluster.admin(1, "region", "status", "--output", "json");
    }
    assertThat(last.exitCode()).as(last.output()).isZero();
  }

  private static String said(Outcome outcome) {
    assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    return outcome.output();
  }

  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(d -> d.attributeName("id").attributeType("S"))
                .keySchema(k -> k.attributeName("id").keyType(KeyType.HASH))
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    await(
        "the table is there",
        () ->
            "ACTIVE"
                .equals(
                    client.describeTable(r -> r.tableName(TABLE)).table().tableStatusAsString()));
  }

  private static void addReplica(DynamoDbClient client, String region) {
    client.updateTable(
        r -> r.tableName(TABLE).replicaUpdates(u -> u.create(c -> c.regionName(region))));
    await(
        "the replica is filled",
        () ->
            client.describeTable(r -> r.tableName(TABLE)).table().replicas().stream()
                .collect(
                    Collectors.toMap(
                        ReplicaDescription::regionName, ReplicaDescription::replicaStatusAsString))
                .getOrDefault(region, "")
                .equals("ACTIVE"));
  }

  /** Until it is answered: writing the same again does no harm. */
  private static void write(
      DynamoDbClient client, String id, int value, Map<String, Integer> answered) {
    Map<String, AttributeValue> item =
        Map.of("id", AttributeValue.fromS(id), "v", AttributeValue.fromN(Integer.toString(value)));
    await(
        id + " is written",
        () -> {
          client.putItem(r -> r.tableName(TABLE).item(item));
          return true;
        });
    answered.put(id, value);
  }

  private static Map<String, Integer> items(DynamoDbClient client) {
    Map<String, Integer> all = new HashMap<>();
    client
        .scanPaginator(r -> r.tableName(TABLE).consistentRead(true))
        .items()
        .forEach(item -> all.put(item.get("id").s(), Integer.parseInt(item.get("v").n())));
    return new TreeMap<>(all);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> refused = new ArrayList<>();
    while (System.nanoTime() - end < 0) {
      try {
        if (condition.getAsBoolean()) {
          return;
        }
      } catch (SdkException e) {
        refused.add(String.valueOf(e.getMessage()));
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
    throw new AssertionError(
        "not within "
            + PATIENCE
            + ": "
            + what
            + (refused.isEmpty() ? "" : "; " + refused.getLast()));
  }
}
