package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.changes.ChangeLimits;
import io.equator.server.observe.ObserveOptions;
import io.equator.server.roles.NodeTuning;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ThrottlingException;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * Clients of a cluster whose indexes may be behind by nothing at all: whoever writes while a change
 * is on its way to the index is throttled, in the way of each operation; in the end the index is
 * its table's image.
 */
class IndexBackPressureIT {
  private static final String TABLE = "Pressed";
  private static final String ARN =
      "arn:aws:dynamodb:us-west-2:000000000000:table/Pressed/index/ByTown";
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int WRITERS = 8;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicInteger numbers = new AtomicInteger();

  @Test
  void whoWritesFasterThanTheIndexTakesIsThrottledAndNothingIsLost() throws Exception {
    ObserveOptions observed = ObserveOptions.NONE.withAdmin(new InetSocketAddress("localhost", 0));
    NodeTuning tuning = NodeTuning.sharedDisk().withChanges(new ChangeLimits(1, Duration.ZERO, 0));
    try (EmbeddedCluster cluster = EmbeddedCluster.start(DevOptions.inMemory(1), observed, tuning);
        DynamoDbClient client = Writers.client(cluster.url());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      create(client);
      List<Future<?>> writers = new ArrayList<>();
      AtomicReference<@Nullable ThrottlingException> thrown = new AtomicReference<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(threads.submit(() -> write(client, thrown)));
      }
      until("a put is throttled", () -> thrown.get() != null);
      until("a batch is handed back", () -> batchIsHandedBack(client));
      until("a transaction is cancelled", () -> transactionIsThrottled(client));
      // The index does not see this one.
      client.putItem(r -> r.tableName(TABLE).item(Map.of("pk", AttributeValue.fromS("plain"))));
      stop.set(true);
      for (Future<?> writer : writers) {
        writer.get();
      }

      ThrottlingException throttled = thrown.get();
      assertThat(throttled.getMessage())
          .contains("Throughput exceeds the current capacity for one or more global secondary");
      assertThat(throttled.throttlingReasons())
          .singleElement()
          .satisfies(
              reason -> {
                assertThat(reason.reason()).isEqualTo("IndexWriteKeyRangeThroughputExceeded");
                assertThat(reason.resource()).isEqualTo(ARN);
              });
      until("writes are taken again", () -> isTaken(client));
      until(
          "the index is its table's image", () -> rows(client, "ByTown") == rows(client, null) - 1);
      assertThat(throttledWrites(cluster)).isPositive();
    }
  }

  private interface Attempt {
    boolean succeeds();
  }

  private static void until(String what, Attempt attempt) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!attempt.succeeds()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
    }
  }

  private Map<String, AttributeValue> item() {
    int number = numbers.incrementAndGet();
    return Map.of(
        "pk", AttributeValue.fromS("item-" + number),
        "town", AttributeValue.fromS("town-" + number % 5));
  }

  private void write(DynamoDbClient client, AtomicReference<@Nullable ThrottlingException> thrown) {
    while (!stop.get()) {
      try {
        client.putItem(r -> r.tableName(TABLE).item(item()));
      } catch (ThrottlingException e) {
        thrown.set(e);
      }
    }
  }

  private boolean isTaken(DynamoDbClient client) {
    try {
      client.putItem(r -> r.tableName(TABLE).item(item()));
      return true;
    } catch (ThrottlingException e) {
      return false;
    }
  }

  /** One request of which something is taken and something is not. */
  private boolean batchIsHandedBack(DynamoDbClient client) {
    List<WriteRequest> requests = new ArrayList<>();
    requests.add(request(Map.of("pk", AttributeValue.fromS("plain"))));
    for (int i = 0; i < 10; i++) {
      requests.add(request(item()));
    }
    BatchWriteItemResponse response =
        client.batchWriteItem(r -> r.requestItems(Map.of(TABLE, requests)));
    List<WriteRequest> back = response.unprocessedItems().getOrDefault(TABLE, List.of());
    assertThat(back).noneMatch(request -> request.putRequest().item().get("town") == null);
    return !back.isEmpty();
  }

  private static WriteRequest request(Map<String, AttributeValue> item) {
    return WriteRequest.builder().putRequest(PutRequest.builder().item(item).build()).build();
  }

  @SuppressWarnings("unchecked") // Arrays of consumers, as the SDK wants them.
  private boolean transactionIsThrottled(DynamoDbClient client) {
    Consumer<TransactWriteItem.Builder> plain =
        action -> action.put(put(Map.of("pk", AttributeValue.fromS("plain"))));
    try {
      client.transactWriteItems(r -> r.transactItems(plain, action -> action.put(put(item()))));
      return false;
    } catch (TransactionCanceledException e) {
      List<CancellationReason> reasons = e.cancellationReasons();
      if (reasons.stream().anyMatch(reason -> reason.code().equals("TransactionConflict"))) {
        return false;
      }
      assertThat(reasons)
          .extracting(CancellationReason::code)
          .containsExactly("None", "ThrottlingError");
      assertThat(reasons.get(1).message()).contains("global secondary indexes");
      return true;
    }
  }

  private static Put put(Map<String, AttributeValue> item) {
    return Put.builder().tableName(TABLE).item(item).build();
  }

  private static long rows(DynamoDbClient client, @Nullable String index) {
    return client
        .scanPaginator(
            ScanRequest.builder()
                .tableName(TABLE)
                .indexName(index)
                .consistentRead(index == null)
                .build())
        .items()
        .stream()
        .count();
  }

  private static double throttledWrites(EmbeddedCluster cluster)
      throws IOException, InterruptedException {
    InetSocketAddress admin = cluster.adminAddress().orElseThrow();
    String metrics =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://localhost:" + admin.getPort() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    return metrics
        .lines()
        .filter(line -> line.startsWith("equator_global_index_throttled_writes_total{"))
        .filter(line -> line.contains("ByTown"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  // The SDK takes its builders as arrays of generic types.
  @SuppressWarnings("unchecked")
  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(string("pk"), string("town"))
                .keySchema(key("pk"))
                .globalSecondaryIndexes(
                    GlobalSecondaryIndex.builder()
                        .indexName("ByTown")
                        .keySchema(key("town"))
                        .projection(p -> p.projectionType(ProjectionType.ALL))
                        .build()));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }

  private static KeySchemaElement key(String name) {
    return KeySchemaElement.builder().attributeName(name).keyType(KeyType.HASH).build();
  }

  private static AttributeDefinition string(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }
}
