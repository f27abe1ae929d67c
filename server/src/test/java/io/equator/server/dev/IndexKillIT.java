package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexDescription;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * Global indexes in a process that is killed: at rest each holds exactly what its table says, also
 * one that was being built when the process died.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
class IndexKillIT {
  private static final int ROUNDS = Integer.getInteger("equator.kill.rounds", 5);
  private static final String TABLE = "Parcels";
  private static final int PARCELS = 200;
  private static final int CLIENTS = 6;

  @TempDir private Path temporary;

  private final Semaphore answered = new Semaphore(0);

  @Test
  void atRestEachIndexIsWhatItsTableSays() throws Exception {
    String[] arguments = {
      "--port",
      "0",
      "--nodes",
      "3",
      "--partitions",
      "4",
      "--data",
      temporary.resolve("data").toString()
    };
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < ROUNDS; round++) {
      try (DevProcess process = DevProcess.start(arguments);
          DynamoDbClient client = Writers.client(process.awaitReady())) {
        if (round == 0) {
          create(client);
        }
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
          answered.drainPermits();
          for (int c = 0; c < CLIENTS; c++) {
            long seed = random.nextLong();
            var _ = threads.submit(() -> send(client, seed, stop));
          }
          awaitAnswers(100 + random.nextInt(200));
          if (round == 1) {
            addIndex(client);
          }
          awaitAnswers(50 + random.nextInt(300));
          process.kill();
          stop.set(true);
        }
      }
    }
    try (DevProcess process = DevProcess.start(arguments);
        DynamoDbClient client = Writers.client(process.awaitReady())) {
      awaitEqual(client, "ByTown", "town");
      awaitEqual(client, "ByState", "state");
      assertThat(process.stop()).isLessThan(256);
    }
  }

  private void awaitAnswers(int count) throws InterruptedException {
    assertThat(answered.tryAcquire(count, 120, TimeUnit.SECONDS)).as("writes go on").isTrue();
  }

  private static AttributeDefinition string(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  private static KeySchemaElement hash(String name) {
    return KeySchemaElement.builder().attributeName(name).keyType(KeyType.HASH).build();
  }

  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(string("pk"), string("town"))
                .keySchema(hash("pk"))
                .globalSecondaryIndexes(
                    GlobalSecondaryIndex.builder()
                        .indexName("ByTown")
                        .keySchema(hash("town"))
                        .projection(p -> p.projectionType(ProjectionType.ALL))
                        .build()));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }

  private static void addIndex(DynamoDbClient client) {
    client.updateTable(
        r ->
            r.tableName(TABLE)
                .attributeDefinitions(string("pk"), string("town"), string("state"))
                .globalSecondaryIndexUpdates(
                    u ->
                        u.create(
                            c ->
                                c.indexName("ByState")
                                    .keySchema(hash("state"))
                                    .projection(p -> p.projectionType(ProjectionType.ALL)))));
  }

  /** Puts, moves and deletes parcels, alone and two at a time, until nobody answers. */
  private void send(DynamoDbClient client, long seed, AtomicBoolean stop) {
    SplittableRandom random = new SplittableRandom(seed);
    while (!stop.get()) {
      try {
        Map<String, AttributeValue> parcel = parcel(random);
        switch (random.nextInt(4)) {
          case 0 -> client.deleteItem(r -> r.tableName(TABLE).key(Map.of("pk", parcel.get("pk"))));
          case 1 -> {
            Map<String, AttributeValue> other = parcel(random);
            if (!other.get("pk").equals(parcel.get("pk"))) {
              client.transactWriteItems(r -> r.transactItems(putting(parcel), putting(other)));
            }
          }
          default -> client.putItem(r -> r.tableName(TABLE).item(parcel));
        }
        answered.release();
      } catch (SdkException e) {
        // Refused for another transaction, or perhaps made: the table says which.
        continue;
      }
    }
  }

  private static TransactWriteItem putting(Map<String, AttributeValue> parcel) {
    return TransactWriteItem.builder().put(p -> p.tableName(TABLE).item(parcel)).build();
  }

  private static Map<String, AttributeValue> parcel(SplittableRandom random) {
    Map<String, AttributeValue> parcel = new TreeMap<>();
    parcel.put("pk", AttributeValue.fromS("parcel-" + random.nextInt(PARCELS)));
    parcel.put("weight", AttributeValue.fromN("" + random.nextInt(1_000_000)));
    if (random.nextInt(5) > 0) {
      parcel.put("town", AttributeValue.fromS("town-" + random.nextInt(7)));
    }
    if (random.nextInt(5) > 0) {
      parcel.put("state", AttributeValue.fromS("state-" + random.nextInt(3)));
    }
    return parcel;
  }

  private static void awaitEqual(DynamoDbClient client, String index, String key) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (status(client, index) != IndexStatus.ACTIVE) {
      assertThat(System.nanoTime()).as("%s becomes active", index).isLessThan(deadline);
    }
    // What the dead process left of its transactions is finished meanwhile, so the table changes.
    deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    List<String> differences = differences(client, index, key);
    while (!differences.isEmpty() && System.nanoTime() < deadline) {
      differences = differences(client, index, key);
    }
    assertThat(differences).as("rows of %s that differ from the table", index).isEmpty();
  }

  private static List<String> differences(DynamoDbClient client, String index, String key) {
    Map<String, Map<String, AttributeValue>> expected = keyed(client, key);
    Map<String, Map<String, AttributeValue>> found = scan(client, index);
    assertThat(expected).isNotEmpty();
    Set<String> keys = new TreeSet<>(expected.keySet());
    keys.addAll(found.keySet());
    keys.removeIf(item -> Objects.equals(expected.get(item), found.get(item)));
    return keys.stream()
        .map(item -> item + ": " + expected.get(item) + " in the index " + found.get(item))
        .toList();
  }

  /** The items that an index by this attribute must hold. */
  private static Map<String, Map<String, AttributeValue>> keyed(DynamoDbClient client, String key) {
    Map<String, Map<String, AttributeValue>> items = scan(client, null);
    items.values().removeIf(item -> !item.containsKey(key));
    return items;
  }

  private static IndexStatus status(DynamoDbClient client, String index) {
    for (GlobalSecondaryIndexDescription described :
        client.describeTable(r -> r.tableName(TABLE)).table().globalSecondaryIndexes()) {
      if (described.indexName().equals(index)) {
        return described.indexStatus();
      }
    }
    throw new AssertionError("no index " + index);
  }

  /** Every row, also twice the same, by key. */
  private static Map<String, Map<String, AttributeValue>> scan(
      DynamoDbClient client, String index) {
    Map<String, Map<String, AttributeValue>> rows = new TreeMap<>();
    List<String> twice = new ArrayList<>();
    client
        .scanPaginator(
            ScanRequest.builder()
                .tableName(TABLE)
                .indexName(index)
                .consistentRead(index == null)
                .build())
        .items()
        .forEach(
            item -> {
              if (rows.put(item.get("pk").s(), item) != null) {
                twice.add(item.get("pk").s());
              }
            });
    twice.forEach(key -> rows.put(key + " twice", Map.of()));
    return rows;
  }
}
