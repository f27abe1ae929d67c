package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.server.Await;
import io.equator.server.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/**
 * A partition is split several times while items are written and read, scanned in parallel and
 * moved about in transactions, with an index and a reader of the stream: nothing is lost, nothing
 * comes twice, and at rest the index is what the table says.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
class SplitIT {
  private static final String PARCELS = "Parcels";
  private static final String BANK = "Bank";
  private static final int STILL = 300;
  private static final int ACCOUNTS = 12;
  private static final long BALANCE = 1_000;
  private static final int SPLITS = Integer.getInteger("equator.splits", 4);
  private static final Duration WITHIN = Duration.ofSeconds(180);

  private final AtomicBoolean stop = new AtomicBoolean();
  private final Semaphore progress = new Semaphore(0);
  private final AtomicLong slowest = new AtomicLong();

  @Test
  void threeNodesGoOnWhileTheirPartitionIsSplit() throws Exception {
    run(3);
  }

  @Test
  void oneNodeGoesOnWhileItsPartitionIsSplit() throws Exception {
    run(1);
  }

  private void run(int nodes) throws Exception {
    stop.set(false);
    try (EmbeddedCluster cluster = EmbeddedCluster.start(DevOptions.inMemory(nodes));
        DynamoDbClient client = Writers.client(cluster.url());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      create(client);
      Writers writers = new Writers(4);
      Writers.createTable(client);
      String arn = client.describeTable(r -> r.tableName(PARCELS)).table().latestStreamArn();
      try (ShardFollower stream = new ShardFollower(cluster.url(), arn)) {
        List<Future<?>> busy = new ArrayList<>();
        Writers.Running running = writers.start(client, true);
        for (int i = 0; i < 4; i++) {
          int number = i;
          busy.add(threads.submit(() -> writeParcels(client, number)));
        }
        for (int i = 0; i < 3; i++) {
          int number = i;
          busy.add(threads.submit(() -> transfer(client, number)));
        }
        busy.add(threads.submit(() -> scanInParallel(client)));
        busy.add(threads.submit(() -> readTotals(client)));
        Future<?> reading =
            threads.submit(
                () -> {
                  while (!stop.get()) {
                    stream.step();
                  }
                });

        for (int i = 0; i < SPLITS; i++) {
          await(progress, 300);
          split(cluster, i);
        }
        await(progress, 300);
        stop.set(true);
        for (Future<?> one : busy) {
          one.get();
        }
        reading.get();
        running.stop();

        writers.check(client);
        Map<Map<String, AttributeValue>, Map<String, AttributeValue>> parcels = parcels(client);
        awaitIndex(client, parcels);
        awaitStream(stream, parcels);
        assertThat(stream.shardsEnded()).as("shards that were split").isEqualTo(SPLITS);
        assertThat(total(client)).isEqualTo(ACCOUNTS * BALANCE);
        awaitCount(client, parcels.size());
      } finally {
        stop.set(true);
      }
      System.out.println(
          nodes + " nodes, " + SPLITS + " splits: slowest write " + slowest.get() + " ms");
    }
  }

  // ---- the cluster

  private static void split(EmbeddedCluster cluster, int number) throws Exception {
    List<JsonObject> serving = partitions(cluster, "serving");
    String id = text(serving.get(number % serving.size()), "Partition");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code =
        command.execute(
            "admin",
            "split",
            "--partition",
            id,
            "--endpoint-url",
            cluster.url(),
            "--output",
            "json");
    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString()).contains("\"first\"", "\"second\"", "\"token\"");
    int again =
        command.execute("admin", "split", "--partition", id, "--endpoint-url", cluster.url());
    assertThat(again).isNotZero();
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (partitions(cluster, "serving").size() < serving.size() + 1) {
      assertThat(System.nanoTime()).as("partition " + id + " is split").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private static List<JsonObject> partitions(EmbeddedCluster cluster, String state)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(cluster.url() + "/equator/partitions"))
                  .header("X-Amz-Date", "20260101T000000Z")
                  .header(
                      "Authorization",
                      "AWS4-HMAC-SHA256 Credential=a/20260101/us-west-2/equator/aws4_request,"
                          + " SignedHeaders=host, Signature=0")
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(200);
      JsonObject whole =
          (JsonObject) JsonValue.parse(answer.body(), 0, answer.body().length).orElseThrow();
      List<JsonObject> found = new ArrayList<>();
      for (JsonValue each : ((JsonArray) whole.members().get("Partitions")).elements()) {
        if (text((JsonObject) each, "State").equals(state)) {
          found.add((JsonObject) each);
        }
      }
      return found;
    }
  }

  private static String text(JsonObject object, String name) {
    return switch (object.members().get(name)) {
      case JsonValue.JsonText(String value) -> value;
      case JsonValue.JsonNumber(var value) -> value.toPlainString();
      case null, default -> "";
    };
  }

  private static void await(Semaphore progress, int count) throws InterruptedException {
    progress.drainPermits();
    assertThat(progress.tryAcquire(count, WITHIN.toSeconds(), TimeUnit.SECONDS))
        .as("requests are answered")
        .isTrue();
  }

  // ---- the load

  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(PARCELS)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S),
                    a -> a.attributeName("place").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES))
                .globalSecondaryIndexes(
                    i ->
                        i.indexName("ByPlace")
                            .keySchema(k -> k.attributeName("place").keyType(KeyType.HASH))
                            .projection(p -> p.projectionType(ProjectionType.ALL))));
    client.createTable(
        r ->
            r.tableName(BANK)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
    client.waiter().waitUntilTableExists(r -> r.tableName(PARCELS));
    client.waiter().waitUntilTableExists(r -> r.tableName(BANK));
    for (int i = 0; i < ACCOUNTS; i++) {
      Map<String, AttributeValue> account =
          Map.of("pk", AttributeValue.fromS("a" + i), "v", AttributeValue.fromN("" + BALANCE));
      client.putItem(r -> r.tableName(BANK).item(account));
    }
    for (int i = 0; i < STILL; i++) {
      Map<String, AttributeValue> still =
          Map.of(
              "pk",
              AttributeValue.fromS("still" + i),
              "place",
              AttributeValue.fromS("shelf" + i % 7));
      client.putItem(r -> r.tableName(PARCELS).item(still));
    }
  }

  /** Sends its own parcels from place to place; reads what it has written. */
  private void writeParcels(DynamoDbClient client, int number) {
    SplittableRandom random = new SplittableRandom(number);
    Map<String, Long> known = new HashMap<>();
    long version = 0;
    while (!stop.get()) {
      String pk = "parcel-" + number + "-" + random.nextInt(40);
      version++;
      long written = version;
      long began = System.nanoTime();
      try {
        if (random.nextInt(6) == 0) {
          client.deleteItem(r -> r.tableName(PARCELS).key(Map.of("pk", AttributeValue.fromS(pk))));
          known.put(pk, 0L);
        } else {
          Map<String, AttributeValue> item =
              Map.of(
                  "pk", AttributeValue.fromS(pk),
                  "place", AttributeValue.fromS("place" + random.nextInt(9)),
                  "v", AttributeValue.fromN("" + written));
          client.putItem(r -> r.tableName(PARCELS).item(item));
          known.put(pk, written);
        }
        slowest.accumulateAndGet((System.nanoTime() - began) / 1_000_000, Math::max);
        progress.release();
        Map<String, AttributeValue> found =
            client
                .getItem(
                    r ->
                        r.tableName(PARCELS)
                            .key(Map.of("pk", AttributeValue.fromS(pk)))
                            .consistentRead(true))
                .item();
        long seen = found.containsKey("v") ? Long.parseLong(found.get("v").n()) : 0;
        assertThat(seen).as(pk).isEqualTo(known.get(pk));
      } catch (SdkException e) {
        // Perhaps written: it is not known what stands there until the next write.
        known.remove(pk);
        if (known.isEmpty() && stop.get()) {
          return;
        }
      }
    }
  }

  private void transfer(DynamoDbClient client, int number) {
    SplittableRandom random = new SplittableRandom(100 + number);
    while (!stop.get()) {
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      int amount = 1 + random.nextInt(5);
      try {
        client.transactWriteItems(
            r -> r.transactItems(adding("a" + from, -amount), adding("a" + to, amount)));
        progress.release();
      } catch (TransactionCanceledException e) {
        // Another one was faster.
      } catch (SdkException e) {
        // Nobody knows; the total is the same either way.
      }
    }
  }

  private static TransactWriteItem adding(String account, int amount) {
    return TransactWriteItem.builder()
        .update(
            u ->
                u.tableName(BANK)
                    .key(Map.of("pk", AttributeValue.fromS(account)))
                    .updateExpression("ADD v :a")
                    .expressionAttributeValues(Map.of(":a", AttributeValue.fromN("" + amount))))
        .build();
  }

  private void readTotals(DynamoDbClient client) {
    while (!stop.get()) {
      try {
        assertThat(total(client)).isEqualTo(ACCOUNTS * BALANCE);
      } catch (SdkException e) {
        // A transfer was under way.
      }
    }
  }

  private static long total(DynamoDbClient client) {
    List<TransactGetItem> gets = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      String pk = "a" + i;
      gets.add(
          TransactGetItem.builder()
              .get(g -> g.tableName(BANK).key(Map.of("pk", AttributeValue.fromS(pk))))
              .build());
    }
    return client.transactGetItems(r -> r.transactItems(gets)).responses().stream()
        .mapToLong(response -> Long.parseLong(response.item().get("v").n()))
        .sum();
  }

  /** Every item that does not move is in each scan once, however many pages and segments it has. */
  private void scanInParallel(DynamoDbClient client) {
    while (!stop.get()) {
      Map<String, Integer> seen = new ConcurrentHashMap<>();
      try {
        for (int segment = 0; segment < 3; segment++) {
          scanSegment(client, segment, seen);
        }
      } catch (SdkException e) {
        continue;
      }
      for (int i = 0; i < STILL; i++) {
        assertThat(seen.get("still" + i)).as("still" + i).isEqualTo(1);
      }
      progress.release();
    }
  }

  private static void scanSegment(DynamoDbClient client, int segment, Map<String, Integer> seen) {
    Map<String, AttributeValue> from = null;
    do {
      Map<String, AttributeValue> start = from;
      var page =
          client.scan(
              r ->
                  r.tableName(PARCELS)
                      .consistentRead(true)
                      .limit(37)
                      .segment(segment)
                      .totalSegments(3)
                      .exclusiveStartKey(start));
      page.items().forEach(item -> seen.merge(item.get("pk").s(), 1, Integer::sum));
      from = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : null;
    } while (from != null);
  }

  // ---- the end

  private static Map<Map<String, AttributeValue>, Map<String, AttributeValue>> parcels(
      DynamoDbClient client) {
    Map<Map<String, AttributeValue>, Map<String, AttributeValue>> items = new HashMap<>();
    client
        .scanPaginator(r -> r.tableName(PARCELS).consistentRead(true))
        .items()
        .forEach(item -> items.put(Map.of("pk", item.get("pk")), item));
    return items;
  }

  private static void awaitIndex(
      DynamoDbClient client, Map<Map<String, AttributeValue>, Map<String, AttributeValue>> table)
      throws InterruptedException {
    Map<String, Map<String, AttributeValue>> wanted = new TreeMap<>();
    table.values().forEach(item -> wanted.put(item.get("pk").s(), item));
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (true) {
      Map<String, Map<String, AttributeValue>> found = new TreeMap<>();
      int[] rows = {0};
      client
          .scanPaginator(r -> r.tableName(PARCELS).indexName("ByPlace"))
          .items()
          .forEach(
              item -> {
                rows[0]++;
                found.put(item.get("pk").s(), item);
              });
      if (found.equals(wanted) && rows[0] == wanted.size()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        assertThat(found).as("the index").isEqualTo(wanted);
        assertThat(rows[0]).as("rows of the index").isEqualTo(wanted.size());
      }
      Thread.sleep(100);
    }
  }

  private static void awaitStream(
      ShardFollower stream, Map<Map<String, AttributeValue>, Map<String, AttributeValue>> table) {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    int idle = 0;
    while (idle < 3 || stream.shardsEnded() < SPLITS) {
      idle = stream.step() ? idle + 1 : 0;
      assertThat(System.nanoTime()).as("the stream comes to rest").isLessThan(deadline);
    }
    stream.checkAgainst(table);
  }

  /** Counters are exact again when the halves have counted their rows. */
  private static void awaitCount(DynamoDbClient client, long items) {
    Await.until(
        "the table counts " + items + " items",
        () -> client.describeTable(r -> r.tableName(PARCELS)).table().itemCount() == items);
  }
}
