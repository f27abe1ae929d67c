package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.Await;
import io.equator.server.observe.ObserveOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ReplicaStatus;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;

/** Two regions with one table, written in both: they end with the same items. */
@SuppressWarnings("unchecked") // The SDK takes its builders as an array of generic type.
class ReplicationIT {
  private static final String WEST = "us-west-2";
  private static final String EAST = "us-east-1";
  private static final String TABLE = "Global";
  private static final int KEYS = 40;

  /** Of each region; with three, one of them crashes. */
  private static final int NODES = Integer.getInteger("equator.replication.nodes", 3);

  @TempDir private Path folder;

  @Test
  void bothRegionsEndWithTheSameItems() throws Exception {
    try (EmbeddedRegions regions = start();
        DynamoDbClient west = Writers.client(regions.region(WEST).url());
        DynamoDbClient east = Writers.client(regions.region(EAST).url())) {
      createTable(west);
      for (int i = 0; i < 200; i++) {
        put(west, "old-" + i, "before");
      }
      west.updateTable(
          r -> r.tableName(TABLE).replicaUpdates(u -> u.create(c -> c.regionName(EAST))));
      Await.until("the replica is active", () -> isActive(west, EAST) && isActive(east, WEST));
      assertThat(items(east)).as("the new replica is filled").hasSize(200);

      AtomicInteger written = new AtomicInteger();
      AtomicBoolean running = new AtomicBoolean(true);
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> writers = new ArrayList<>();
        for (DynamoDbClient client : List.of(west, east)) {
          for (int writer = 0; writer < 3; writer++) {
            long seed = writers.size();
            writers.add(
                threads.submit(
                    () -> {
                      SplittableRandom random = new SplittableRandom(seed);
                      while (running.get()) {
                        write(client, random, written);
                      }
                    }));
          }
        }
        awaitMore(written, 300);
        if (NODES > 1) {
          regions.region(EAST).embeddedNodes().crash(2);
          awaitMore(written, 200);
          regions.region(EAST).embeddedNodes().restart(2);
        }
        regions.ways().isolate(EAST, true);
        awaitMore(written, 200);
        regions.ways().isolate(EAST, false);
        awaitMore(written, 200);
        running.set(false);
        for (Future<?> writer : writers) {
          writer.get();
        }
      }

      Await.until("the regions are equal", () -> items(west).equals(items(east)));
      // What is written once all is quiet arrives, and what is deleted goes.
      put(east, "last", "of all");
      east.deleteItem(r -> r.tableName(TABLE).key(Map.of("pk", text("old-7"))));
      Await.until(
          "a write after the storm arrives",
          () -> items(west).containsKey("last") && !items(west).containsKey("old-7"));
      assertThat(items(west)).isEqualTo(items(east));
    }
  }

  private static void write(DynamoDbClient client, SplittableRandom random, AtomicInteger count) {
    String key = "k-" + random.nextInt(KEYS);
    try {
      switch (random.nextInt(4)) {
        case 0 -> client.deleteItem(r -> r.tableName(TABLE).key(Map.of("pk", text(key))));
        case 1 ->
            client.updateItem(
                r ->
                    r.tableName(TABLE)
                        .key(Map.of("pk", text(key)))
                        .updateExpression("ADD n :one")
                        .expressionAttributeValues(Map.of(":one", AttributeValue.fromN("1"))));
        default -> put(client, key, "v" + random.nextLong());
      }
      count.incrementAndGet();
    } catch (DynamoDbException | software.amazon.awssdk.core.exception.SdkClientException e) {
      // A node is down: the fate of this one is not known, and need not be.
      Thread.yield();
    }
  }

  private static void put(DynamoDbClient client, String key, String value) {
    client.putItem(r -> r.tableName(TABLE).item(Map.of("pk", text(key), "x", text(value))));
  }

  private static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  private static Map<String, Map<String, AttributeValue>> items(DynamoDbClient client) {
    Map<String, Map<String, AttributeValue>> items = new TreeMap<>();
    client
        .scanPaginator(r -> r.tableName(TABLE).consistentRead(true))
        .items()
        .forEach(item -> items.put(item.get("pk").s(), item));
    return items;
  }

  private static boolean isActive(DynamoDbClient client, String replica) {
    try {
      TableDescription table = client.describeTable(r -> r.tableName(TABLE)).table();
      return table.tableStatusAsString().equals("ACTIVE")
          && table.replicas().stream()
              .anyMatch(
                  r -> r.regionName().equals(replica) && r.replicaStatus() == ReplicaStatus.ACTIVE);
    } catch (DynamoDbException e) {
      return false;
    }
  }

  private static void createTable(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    Await.until(
        "the table is active",
        () ->
            client
                .describeTable(r -> r.tableName(TABLE))
                .table()
                .tableStatusAsString()
                .equals("ACTIVE"));
  }

  private static void awaitMore(AtomicInteger count, int more) {
    int until = count.get() + more;
    Await.until("writes go on", () -> count.get() >= until);
  }

  private EmbeddedRegions start() {
    return EmbeddedRegions.start(
        new DevOptions(
            "localhost",
            0,
            Optional.of(folder),
            OptionalInt.of(NODES),
            OptionalInt.of(2),
            Optional.empty(),
            Optional.empty()),
        ObserveOptions.NONE,
        List.of(WEST, EAST),
        Duration.ofMillis(5));
  }
}
