package io.equator.server.contract;

import static io.equator.server.contract.Contract.item;
import static io.equator.server.contract.Contract.n;
import static io.equator.server.contract.Contract.s;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.server.Await;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexDescription;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;

/** Global secondary indexes: what they hold, and when. */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
interface GlobalIndexContract extends Contract {
  private static AttributeDefinition attribute(String name, ScalarAttributeType type) {
    return AttributeDefinition.builder().attributeName(name).attributeType(type).build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }

  private static GlobalSecondaryIndex index(
      String name, Projection projection, KeySchemaElement... key) {
    return GlobalSecondaryIndex.builder()
        .indexName(name)
        .keySchema(key)
        .projection(projection)
        .build();
  }

  private static Projection projecting(ProjectionType type) {
    return Projection.builder().projectionType(type).build();
  }

  /**
   * A table with ByOwner (owner, at; all), ByOwnerKeys (keys only), ByPlace (country + city; v).
   */
  private String indexedTable() {
    String name = "Contract.Indexed." + UUID.randomUUID();
    create(
        CreateTableRequest.builder()
            .tableName(name)
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(
                attribute("pk", ScalarAttributeType.S),
                attribute("owner", ScalarAttributeType.S),
                attribute("at", ScalarAttributeType.N),
                attribute("country", ScalarAttributeType.S),
                attribute("city", ScalarAttributeType.S))
            .keySchema(key("pk", KeyType.HASH))
            .globalSecondaryIndexes(
                index(
                    "ByOwner",
                    projecting(ProjectionType.ALL),
                    key("owner", KeyType.HASH),
                    key("at", KeyType.RANGE)),
                index(
                    "ByOwnerKeys",
                    projecting(ProjectionType.KEYS_ONLY),
                    key("owner", KeyType.HASH)),
                index(
                    "ByPlace",
                    Projection.builder()
                        .projectionType(ProjectionType.INCLUDE)
                        .nonKeyAttributes("v")
                        .build(),
                    key("country", KeyType.HASH),
                    key("city", KeyType.HASH)))
            .build());
    return name;
  }

  private List<Map<String, AttributeValue>> query(String table, String index, String owner) {
    return dynamo()
        .query(
            request ->
                request
                    .tableName(table)
                    .indexName(index)
                    .keyConditionExpression("#o = :o")
                    .expressionAttributeNames(Map.of("#o", "owner"))
                    .expressionAttributeValues(Map.of(":o", s(owner))))
        .items();
  }

  private List<String> keys(String table, String index, String owner) {
    return query(table, index, owner).stream().map(item -> item.get("pk").s()).toList();
  }

  @Test
  default void anIndexFollowsPutsUpdatesMovesAndDeletes() {
    String table = indexedTable();
    put(table, "pk", "a", "owner", "x", "at", 2, "v", 1);
    put(table, "pk", "b", "owner", "x", "at", 1, "v", 2);
    put(table, "pk", "c", "at", 3);
    Await.until("both", () -> keys(table, "ByOwner", "x").equals(List.of("b", "a")));
    dynamo()
        .updateItem(
            request ->
                request
                    .tableName(table)
                    .key(item("pk", "a"))
                    .updateExpression("SET #o = :y, v = :v")
                    .expressionAttributeNames(Map.of("#o", "owner"))
                    .expressionAttributeValues(Map.of(":y", s("y"), ":v", n(7))));
    Await.until("moved in", () -> keys(table, "ByOwner", "y").equals(List.of("a")));
    Await.until("moved out", () -> keys(table, "ByOwner", "x").equals(List.of("b")));
    assertThat(query(table, "ByOwner", "y"))
        .containsExactly(item("pk", "a", "owner", "y", "at", 2, "v", 7));
    dynamo().deleteItem(request -> request.tableName(table).key(item("pk", "b")));
    Await.until("deleted", () -> keys(table, "ByOwner", "x").isEmpty());
    assertThat(scan(table, "ByOwner").keySet()).containsExactly("a");
  }

  @Test
  default void anIndexHoldsWhatItProjects() {
    String table = indexedTable();
    put(table, "pk", "a", "owner", "x", "at", 2, "v", 1, "w", 2, "country", "d", "city", "k");
    Await.until("there", () -> !keys(table, "ByOwnerKeys", "x").isEmpty());
    assertThat(query(table, "ByOwnerKeys", "x")).containsExactly(item("pk", "a", "owner", "x"));
    Await.until("there", () -> !place(table, "d", "k").isEmpty());
    assertThat(place(table, "d", "k"))
        .containsExactly(item("pk", "a", "v", 1, "country", "d", "city", "k"));
    assertThat(place(table, "d", "l")).isEmpty();
  }

  private List<Map<String, AttributeValue>> place(String table, String country, String city) {
    return dynamo()
        .query(
            request ->
                request
                    .tableName(table)
                    .indexName("ByPlace")
                    .keyConditionExpression("country = :a AND city = :b")
                    .expressionAttributeValues(Map.of(":a", s(country), ":b", s(city))))
        .items();
  }

  @Test
  default void pagesOfAnIndexGoOnWhereTheyEnded() {
    String table = indexedTable();
    for (int i = 0; i < 7; i++) {
      put(table, "pk", "k" + i, "owner", "x", "at", i / 2);
    }
    Await.until("all", () -> keys(table, "ByOwner", "x").size() == 7);
    List<String> paged = new ArrayList<>();
    Map<String, AttributeValue> from = null;
    do {
      Map<String, AttributeValue> start = from;
      QueryResponse page =
          dynamo()
              .query(
                  request ->
                      request
                          .tableName(table)
                          .indexName("ByOwner")
                          .keyConditionExpression("#o = :o")
                          .expressionAttributeNames(Map.of("#o", "owner"))
                          .expressionAttributeValues(Map.of(":o", s("x")))
                          .scanIndexForward(false)
                          .exclusiveStartKey(start)
                          .limit(2));
      page.items().forEach(item -> paged.add(item.get("pk").s()));
      from = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : null;
    } while (from != null);
    assertThat(paged).isEqualTo(keys(table, "ByOwner", "x").reversed());
  }

  @Test
  default void aWriteTellsWhatItCostsTheIndexes() {
    String table = indexedTable();
    var capacity =
        dynamo()
            .putItem(
                request ->
                    request
                        .tableName(table)
                        .item(item("pk", "a", "owner", "x", "at", 1))
                        .returnConsumedCapacity(ReturnConsumedCapacity.INDEXES))
            .consumedCapacity();
    assertThat(capacity.globalSecondaryIndexes().keySet())
        .containsExactlyInAnyOrder("ByOwner", "ByOwnerKeys");
    assertThat(capacity.capacityUnits()).isEqualTo(3.0);
  }

  @Test
  default void anIndexAddedLaterComesToHoldEverythingWhileWritesGoOn() throws Exception {
    String table = "Contract.Grown." + UUID.randomUUID();
    create(Contract.plain(table));
    for (int i = 0; i < 300; i++) {
      put(table, "pk", "old" + i, "owner", "x" + i % 3, "v", i);
    }
    put(table, "pk", "wrong", "owner", 5);
    AtomicBoolean writing = new AtomicBoolean(true);
    AtomicLong written = new AtomicLong();
    Thread writer =
        Thread.startVirtualThread(
            () -> {
              while (writing.get()) {
                long i = written.getAndIncrement();
                put(table, "pk", "old" + i % 300, "owner", "x" + (i + 1) % 3, "v", i);
                if (i % 5 == 0) {
                  dynamo()
                      .deleteItem(
                          request -> request.tableName(table).key(item("pk", "old" + i % 300)));
                }
              }
            });
    try {
      dynamo()
          .updateTable(
              request ->
                  request
                      .tableName(table)
                      .attributeDefinitions(
                          attribute("pk", ScalarAttributeType.S),
                          attribute("owner", ScalarAttributeType.S))
                      .globalSecondaryIndexUpdates(
                          update ->
                              update.create(
                                  create ->
                                      create
                                          .indexName("ByOwner")
                                          .keySchema(key("owner", KeyType.HASH))
                                          .projection(projecting(ProjectionType.ALL)))));
      assertThatThrownBy(() -> keys(table, "ByOwner", "x0"))
          .isInstanceOf(DynamoDbException.class)
          .hasMessageContaining("Cannot read from backfilling global secondary index: ByOwner");
      Await.until("active", () -> statusOf(table, "ByOwner") == IndexStatus.ACTIVE);
    } finally {
      writing.set(false);
      writer.join();
    }
    assertThat(written.get()).isPositive();
    Await.until("equal", () -> scan(table, "ByOwner").equals(indexable(scan(table, null))));
  }

  /** What an index by owner, a string, must hold of these items. */
  private static Map<String, Map<String, AttributeValue>> indexable(
      Map<String, Map<String, AttributeValue>> items) {
    Map<String, Map<String, AttributeValue>> kept = new LinkedHashMap<>(items);
    kept.values().removeIf(item -> !item.containsKey("owner") || item.get("owner").s() == null);
    return kept;
  }

  private IndexStatus statusOf(String table, String index) {
    for (GlobalSecondaryIndexDescription described :
        dynamo()
            .describeTable(request -> request.tableName(table))
            .table()
            .globalSecondaryIndexes()) {
      if (described.indexName().equals(index)) {
        return described.indexStatus();
      }
    }
    return IndexStatus.UNKNOWN_TO_SDK_VERSION;
  }

  private Map<String, Map<String, AttributeValue>> scan(String table, String index) {
    Map<String, Map<String, AttributeValue>> items = new LinkedHashMap<>();
    dynamo()
        .scanPaginator(ScanRequest.builder().tableName(table).indexName(index).build())
        .items()
        .forEach(item -> items.put(item.get("pk").s(), item));
    return items;
  }

  @Test
  default void anIndexThatIsDeletedIsGoneAndAnotherOfItsNameBeginsAnew() {
    String table = indexedTable();
    put(table, "pk", "a", "owner", "x", "at", 1);
    Await.until("there", () -> !keys(table, "ByOwnerKeys", "x").isEmpty());
    dynamo()
        .updateTable(
            request ->
                request
                    .tableName(table)
                    .globalSecondaryIndexUpdates(
                        update -> update.delete(delete -> delete.indexName("ByOwnerKeys"))));
    Await.until("gone", () -> statusOf(table, "ByOwnerKeys") == IndexStatus.UNKNOWN_TO_SDK_VERSION);
    assertThatThrownBy(() -> keys(table, "ByOwnerKeys", "x"))
        .hasMessageContaining("The table does not have the specified index: ByOwnerKeys");
    put(table, "pk", "b", "owner", "x", "at", 2);
    dynamo()
        .updateTable(
            request ->
                request
                    .tableName(table)
                    .attributeDefinitions(
                        attribute("pk", ScalarAttributeType.S),
                        attribute("owner", ScalarAttributeType.S),
                        attribute("at", ScalarAttributeType.N),
                        attribute("country", ScalarAttributeType.S),
                        attribute("city", ScalarAttributeType.S))
                    .globalSecondaryIndexUpdates(
                        update ->
                            update.create(
                                create ->
                                    create
                                        .indexName("ByOwnerKeys")
                                        .keySchema(
                                            key("owner", KeyType.HASH), key("at", KeyType.RANGE))
                                        .projection(projecting(ProjectionType.KEYS_ONLY)))));
    Await.until("active", () -> statusOf(table, "ByOwnerKeys") == IndexStatus.ACTIVE);
    Await.until("both", () -> keys(table, "ByOwnerKeys", "x").equals(List.of("a", "b")));
  }
}
