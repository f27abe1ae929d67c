package io.equator.server.contract;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.core.waiters.WaiterOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.LocalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/** What the contract tests have in common: a client, two tables, and short words for values. */
interface Contract {

  /** A table with a partition key only: {@code pk}, a string. */
  String PLAIN = "Contract.Plain";

  /**
   * A table with {@code pk}, a string, and {@code sk}, a number; and two local indexes by {@code
   * at}, a string: {@code ByAt} projects everything, {@code ByAtKeys} keys only.
   */
  String SORTED = "Contract.Sorted";

  DynamoDbClient dynamo();

  /** Creates a table and waits until it is active. */
  default void create(CreateTableRequest request) {
    dynamo().createTable(request);
    try (DynamoDbWaiter waiter =
        DynamoDbWaiter.builder()
            .client(dynamo())
            .overrideConfiguration(
                WaiterOverrideConfiguration.builder()
                    .maxAttempts(600)
                    .backoffStrategyV2(
                        software.amazon.awssdk.retries.api.BackoffStrategy.fixedDelay(
                            Duration.ofMillis(100)))
                    .build())
            .build()) {
      waiter.waitUntilTableExists(describe -> describe.tableName(request.tableName()));
    }
  }

  static CreateTableRequest plain(String name) {
    return CreateTableRequest.builder()
        .tableName(name)
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(attribute("pk", ScalarAttributeType.S))
        .keySchema(key("pk", KeyType.HASH))
        .build();
  }

  static CreateTableRequest sorted(String name) {
    return CreateTableRequest.builder()
        .tableName(name)
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(
            attribute("pk", ScalarAttributeType.S),
            attribute("sk", ScalarAttributeType.N),
            attribute("at", ScalarAttributeType.S))
        .keySchema(key("pk", KeyType.HASH), key("sk", KeyType.RANGE))
        .localSecondaryIndexes(
            index("ByAt", ProjectionType.ALL), index("ByAtKeys", ProjectionType.KEYS_ONLY))
        .build();
  }

  private static LocalSecondaryIndex index(String name, ProjectionType projection) {
    return LocalSecondaryIndex.builder()
        .indexName(name)
        .keySchema(key("pk", KeyType.HASH), key("at", KeyType.RANGE))
        .projection(Projection.builder().projectionType(projection).build())
        .build();
  }

  private static AttributeDefinition attribute(String name, ScalarAttributeType type) {
    return AttributeDefinition.builder().attributeName(name).attributeType(type).build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }

  /** A partition key that no other test uses. */
  static String newKey() {
    return "key-" + UUID.randomUUID();
  }

  static AttributeValue s(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue n(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  /** An item from names and values in turn. */
  static Map<String, AttributeValue> item(Object... namesAndValues) {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      item.put(
          (String) namesAndValues[i],
          switch (value) {
            case AttributeValue given -> given;
            case Number number -> AttributeValue.fromN(number.toString());
            case Boolean bool -> AttributeValue.fromBool(bool);
            default -> AttributeValue.fromS((String) value);
          });
    }
    return item;
  }

  default void put(String table, Object... namesAndValues) {
    dynamo().putItem(request -> request.tableName(table).item(item(namesAndValues)));
  }

  /** A strongly consistent read; empty when there is no item. */
  default Map<String, AttributeValue> get(String table, Object... key) {
    return dynamo()
        .getItem(request -> request.tableName(table).key(item(key)).consistentRead(true))
        .item();
  }
}
