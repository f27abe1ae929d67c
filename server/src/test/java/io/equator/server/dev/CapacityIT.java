package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughput;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.ThrottlingException;
import software.amazon.awssdk.services.dynamodb.model.ThrottlingReason;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * Tables and global indexes are throttled each by its own capacity. Tables here have a thousand
 * times what a test asks for, but for the one arm that it exhausts, and that by an item which costs
 * far more than a second brings: however slow the machine is, the next request comes too early.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CapacityIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final long PLENTY = 10_000;

  private final EmbeddedCluster cluster =
      EmbeddedCluster.start(
          new DevOptions(
              "localhost",
              0,
              Optional.empty(),
              OptionalInt.of(1),
              OptionalInt.of(3),
              Optional.empty(),
              Optional.empty(),
              true));
  private final DynamoDbClient client = Writers.client(cluster.url());

  @AfterAll
  void close() {
    client.close();
    cluster.close();
  }

  private static ProvisionedThroughput units(long reads, long writes) {
    return ProvisionedThroughput.builder()
        .readCapacityUnits(reads)
        .writeCapacityUnits(writes)
        .build();
  }

  // The SDK takes its builders as arrays of generic types.
  @SuppressWarnings("unchecked")
  private void create(
      String table, ProvisionedThroughput throughput, ProvisionedThroughput ofIndex) {
    client.createTable(
        r ->
            r.tableName(table)
                .billingMode(BillingMode.PROVISIONED)
                .provisionedThroughput(throughput)
                .attributeDefinitions(string("pk"), string("town"))
                .keySchema(key("pk"))
                .globalSecondaryIndexes(
                    GlobalSecondaryIndex.builder()
                        .indexName("ByTown")
                        .keySchema(key("town"))
                        .projection(p -> p.projectionType(ProjectionType.ALL))
                        .provisionedThroughput(ofIndex)
                        .build()));
    client.waiter().waitUntilTableExists(r -> r.tableName(table));
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

  private static Map<String, AttributeValue> small(String pk) {
    return Map.of("pk", AttributeValue.fromS(pk), "town", AttributeValue.fromS("Ulm"));
  }

  /** Costs 300 write units, of the table and of the index if it is in there. */
  private static Map<String, AttributeValue> big(String pk, boolean indexed) {
    AttributeValue text = AttributeValue.fromS("x".repeat(300 * 1024 - 200));
    return indexed
        ? Map.of("pk", AttributeValue.fromS(pk), "town", AttributeValue.fromS("Ulm"), "text", text)
        : Map.of("pk", AttributeValue.fromS(pk), "text", text);
  }

  private static void isThrottled(
      DynamoDbException error,
      Function<DynamoDbException, List<ThrottlingReason>> of,
      String... what) {
    assertThat(of.apply(error))
        .extracting(ThrottlingReason::reason, ThrottlingReason::resource)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                what[0], "arn:aws:dynamodb:us-west-2:000000000000:table/" + what[1]));
  }

  private static List<ThrottlingReason> provisioned(DynamoDbException error) {
    return ((ProvisionedThroughputExceededException) error).throttlingReasons();
  }

  private static DynamoDbException refused(Supplier<?> request) {
    try {
      var answer = request.get();
      throw new AssertionError("answered: " + answer);
    } catch (DynamoDbException e) {
      return e;
    }
  }

  private static void until(String what, Supplier<Boolean> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.get()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
    }
  }

  private boolean isTaken(String table, Map<String, AttributeValue> item) {
    try {
      client.putItem(r -> r.tableName(table).item(item));
      return true;
    } catch (ProvisionedThroughputExceededException | ThrottlingException e) {
      return false;
    }
  }

  @Test
  void writesOfATableAreThrottledByItsOwnUnits() {
    create("Writes", units(PLENTY, 1), units(PLENTY, PLENTY));
    client.putItem(r -> r.tableName("Writes").item(big("a", true)));
    DynamoDbException error =
        refused(() -> client.putItem(r -> r.tableName("Writes").item(small("b"))));
    assertThat(error.awsErrorDetails().errorMessage())
        .isEqualTo(
            "The level of configured provisioned throughput for the table was exceeded. Consider"
                + " increasing your provisioning level with the UpdateTable API.");
    isThrottled(
        error, CapacityIT::provisioned, "TableWriteProvisionedThroughputExceeded", "Writes");
    assertThat(
            client
                .getItem(r -> r.tableName("Writes").key(Map.of("pk", AttributeValue.fromS("b"))))
                .hasItem())
        .as("nothing was written")
        .isFalse();
    // The debt is that of some minutes, but more capacity forgives it.
    client.updateTable(r -> r.tableName("Writes").provisionedThroughput(units(PLENTY, PLENTY)));
    until("more capacity counts", () -> isTaken("Writes", small("b")));
  }

  @SuppressWarnings("unchecked") // Arrays of consumers, as the SDK wants them.
  @Test
  void anExhaustedIndexThrottlesTheWritesThatWouldChangeIt() {
    create("Indexed", units(PLENTY, PLENTY), units(PLENTY, 1));
    ConsumedCapacity consumed =
        client
            .putItem(
                r ->
                    r.tableName("Indexed")
                        .item(big("a", true))
                        .returnConsumedCapacity(ReturnConsumedCapacity.INDEXES))
            .consumedCapacity();
    assertThat(consumed.table().capacityUnits()).isEqualTo(300);
    assertThat(consumed.globalSecondaryIndexes().get("ByTown").capacityUnits()).isEqualTo(300);

    DynamoDbException error =
        refused(() -> client.putItem(r -> r.tableName("Indexed").item(small("b"))));
    assertThat(error.awsErrorDetails().errorMessage())
        .startsWith("The level of configured provisioned throughput for one or more global");
    isThrottled(
        error,
        CapacityIT::provisioned,
        "IndexWriteProvisionedThroughputExceeded",
        "Indexed/index/ByTown");
    // Not in the index, before and after.
    client.putItem(r -> r.tableName("Indexed").item(big("c", false)));

    BatchWriteItemResponse batch =
        client.batchWriteItem(
            r ->
                r.requestItems(
                    Map.of(
                        "Indexed",
                        List.of(
                            request(Map.of("pk", AttributeValue.fromS("d"))),
                            request(small("e"))))));
    assertThat(batch.unprocessedItems().get("Indexed"))
        .extracting(each -> each.putRequest().item().get("pk").s())
        .containsExactly("e");

    TransactionCanceledException cancelled =
        (TransactionCanceledException)
            refused(
                () ->
                    client.transactWriteItems(
                        r ->
                            r.transactItems(
                                action -> action.put(put(Map.of("pk", AttributeValue.fromS("f")))),
                                action -> action.put(put(small("g"))))));
    assertThat(cancelled.cancellationReasons())
        .extracting(CancellationReason::code)
        .containsExactly("None", "ProvisionedThroughputExceeded");

    client.updateTable(
        r ->
            r.tableName("Indexed")
                .globalSecondaryIndexUpdates(
                    u ->
                        u.update(
                            i ->
                                i.indexName("ByTown")
                                    .provisionedThroughput(units(PLENTY, PLENTY)))));
    until("more capacity of the index counts", () -> isTaken("Indexed", small("b")));
  }

  private static WriteRequest request(Map<String, AttributeValue> item) {
    return WriteRequest.builder().putRequest(PutRequest.builder().item(item).build()).build();
  }

  private static Put put(Map<String, AttributeValue> item) {
    return Put.builder().tableName("Indexed").item(item).build();
  }

  private Optional<QueryResponse> query(String table) {
    try {
      return Optional.of(
          client.query(
              r ->
                  r.tableName(table)
                      .indexName("ByTown")
                      .keyConditionExpression("town = :town")
                      .expressionAttributeValues(Map.of(":town", AttributeValue.fromS("Ulm")))
                      .returnConsumedCapacity(ReturnConsumedCapacity.INDEXES)));
    } catch (ProvisionedThroughputExceededException e) {
      isThrottled(
          e,
          CapacityIT::provisioned,
          "IndexReadProvisionedThroughputExceeded",
          table + "/index/ByTown");
      return Optional.empty();
    }
  }

  @Test
  void readsOfAnIndexAreThrottledByItsOwnUnits() {
    create("Reads", units(PLENTY, PLENTY), units(1, PLENTY));
    client.putItem(r -> r.tableName("Reads").item(big("a", true)));
    List<QueryResponse> full = new ArrayList<>();
    until(
        "the index has the item, and was read",
        () -> {
          query("Reads").filter(page -> page.count() == 1).ifPresent(full::add);
          return !full.isEmpty();
        });
    ConsumedCapacity consumed = full.getFirst().consumedCapacity();
    assertThat(consumed.table().capacityUnits()).isZero();
    assertThat(consumed.globalSecondaryIndexes().get("ByTown").capacityUnits()).isEqualTo(37.5);
    assertThat(query("Reads")).as("37 seconds of reads").isEmpty();
    assertThat(client.scan(r -> r.tableName("Reads")).count()).as("the table itself").isEqualTo(1);
  }

  /** The later pages and rounds of a request find no units left, and go through all the same. */
  @Test
  void whatHasBegunComesToItsEndOnASmallTable() {
    create("Small", units(1, PLENTY), units(PLENTY, PLENTY));
    create("SmallWrites", units(PLENTY, 1), units(PLENTY, PLENTY));
    List<String> keys = List.of("a", "b", "c", "d", "e", "f");
    keys.forEach(pk -> client.putItem(r -> r.tableName("Small").item(small(pk))));
    until(
        "a scan of three partitions",
        () -> {
          try {
            return client.scan(r -> r.tableName("Small").consistentRead(true)).count() == 6;
          } catch (ProvisionedThroughputExceededException e) {
            return false;
          }
        });
    until(
        "a transaction in three partitions",
        () -> {
          try {
            return client
                    .transactGetItems(
                        r ->
                            r.transactItems(
                                keys.stream()
                                    .map(
                                        pk ->
                                            TransactGetItem.builder()
                                                .get(
                                                    g ->
                                                        g.tableName("Small")
                                                            .key(
                                                                Map.of(
                                                                    "pk",
                                                                    AttributeValue.fromS(pk))))
                                                .build())
                                    .toList()))
                    .responses()
                    .size()
                == 6;
          } catch (ProvisionedThroughputExceededException e) {
            return false;
          }
        });
    until(
        "a transaction that writes in three partitions",
        () -> {
          try {
            client.transactWriteItems(
                r ->
                    r.transactItems(
                        keys.stream()
                            .map(
                                pk ->
                                    TransactWriteItem.builder()
                                        .put(p -> p.tableName("SmallWrites").item(small(pk)))
                                        .build())
                            .toList()));
            return true;
          } catch (TransactionCanceledException e) {
            return false;
          }
        });
  }

  @Test
  void aTableOnDemandMaySetItselfALimit() {
    client.createTable(
        r ->
            r.tableName("Limited")
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .onDemandThroughput(o -> o.maxReadRequestUnits(1L).maxWriteRequestUnits(-1L))
                .attributeDefinitions(string("pk"))
                .keySchema(key("pk")));
    client.waiter().waitUntilTableExists(r -> r.tableName("Limited"));
    client.putItem(r -> r.tableName("Limited").item(big("a", false)));
    client.putItem(r -> r.tableName("Limited").item(big("b", false)));
    client.scan(r -> r.tableName("Limited"));
    DynamoDbException error = refused(() -> client.scan(r -> r.tableName("Limited")));
    isThrottled(
        error,
        e -> ((ThrottlingException) e).throttlingReasons(),
        "TableReadMaxOnDemandThroughputExceeded",
        "Limited");
    assertThat(client.describeTable(r -> r.tableName("Limited")).table().tableStatus())
        .isEqualTo(TableStatus.ACTIVE);
  }
}
