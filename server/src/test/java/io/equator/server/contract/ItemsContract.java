package io.equator.server.contract;

import static io.equator.server.contract.Contract.item;
import static io.equator.server.contract.Contract.n;
import static io.equator.server.contract.Contract.newKey;
import static io.equator.server.contract.Contract.s;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ComparisonOperator;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/** PutItem, GetItem, UpdateItem, DeleteItem. */
interface ItemsContract extends Contract {

  @Test
  default void everyTypeComesBackAsItWasPut() {
    String key = newKey();
    Map<String, AttributeValue> item =
        item(
            "pk",
            key,
            "string",
            "grüße \u0000 \uD83D\uDE00",
            "empty",
            "",
            "number",
            AttributeValue.fromN("1234567890123456789012345678901234567.8"),
            "negative",
            -3,
            "bool",
            true,
            "null",
            AttributeValue.fromNul(true),
            "binary",
            AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, -1, 127})),
            "strings",
            AttributeValue.fromSs(List.of("a", "b")),
            "numbers",
            AttributeValue.fromNs(List.of("1", "2")),
            "list",
            AttributeValue.fromL(List.of(n(1), s("x"), AttributeValue.fromL(List.of()))),
            "map",
            AttributeValue.fromM(Map.of("deep", AttributeValue.fromM(Map.of("er", n(1))))));
    dynamo().putItem(request -> request.tableName(PLAIN).item(item));

    assertThat(get(PLAIN, "pk", key)).isEqualTo(item);
  }

  @Test
  default void anItemThatIsNotThereIsNoError() {
    assertThat(
            dynamo()
                .getItem(request -> request.tableName(PLAIN).key(item("pk", newKey())))
                .hasItem())
        .isFalse();
  }

  @Test
  default void aProjectionReturnsItsPathsOnly() {
    String key = newKey();
    put(PLAIN, "pk", key, "a", 1, "b", 2, "parts", AttributeValue.fromL(List.of(n(1), n(2))));

    assertThat(
            dynamo()
                .getItem(
                    request ->
                        request
                            .tableName(PLAIN)
                            .key(item("pk", key))
                            .consistentRead(true)
                            .projectionExpression("#x, parts[1], nowhere")
                            .expressionAttributeNames(Map.of("#x", "a")))
                .item())
        .isEqualTo(item("a", 1, "parts", AttributeValue.fromL(List.of(n(2)))));
  }

  @Test
  default void aFailedConditionChangesNothingAndShowsTheItemWhenAsked() {
    String key = newKey();
    put(PLAIN, "pk", key, "v", 1);

    ConditionalCheckFailedException failure =
        catchThrowableOfType(
            ConditionalCheckFailedException.class,
            () ->
                dynamo()
                    .putItem(
                        request ->
                            request
                                .tableName(PLAIN)
                                .item(item("pk", key, "v", 2))
                                .conditionExpression("attribute_not_exists(pk)")
                                .returnValuesOnConditionCheckFailure(
                                    ReturnValuesOnConditionCheckFailure.ALL_OLD)));

    assertThat(failure.awsErrorDetails().errorMessage())
        .isEqualTo("The conditional request failed");
    assertThat(failure.item()).isEqualTo(item("pk", key, "v", 1));
    assertThat(get(PLAIN, "pk", key)).isEqualTo(item("pk", key, "v", 1));
  }

  @Test
  default void anUpdateCombinesItsClauses() {
    String key = newKey();
    put(
        PLAIN,
        "pk",
        key,
        "n",
        5,
        "list",
        AttributeValue.fromL(List.of(n(1))),
        "tags",
        AttributeValue.fromSs(List.of("a", "b")),
        "gone",
        1);

    Map<String, AttributeValue> after =
        dynamo()
            .updateItem(
                request ->
                    request
                        .tableName(PLAIN)
                        .key(item("pk", key))
                        .updateExpression(
                            "SET #n = #n + :two, fresh = if_not_exists(fresh, :two),"
                                + " #l = list_append(#l, :more) REMOVE gone ADD grown :two"
                                + " DELETE tags :a")
                        .expressionAttributeNames(Map.of("#n", "n", "#l", "list"))
                        .expressionAttributeValues(
                            Map.of(
                                ":two",
                                n(2),
                                ":more",
                                AttributeValue.fromL(List.of(n(9))),
                                ":a",
                                AttributeValue.fromSs(List.of("a"))))
                        .returnValues(ReturnValue.ALL_NEW))
            .attributes();

    assertThat(after)
        .isEqualTo(
            item(
                "pk",
                key,
                "n",
                7,
                "fresh",
                2,
                "list",
                AttributeValue.fromL(List.of(n(1), n(9))),
                "grown",
                2,
                "tags",
                AttributeValue.fromSs(List.of("b"))));
    assertThat(get(PLAIN, "pk", key)).isEqualTo(after);
  }

  @Test
  default void updatedOldAndUpdatedNewReturnWhatWasTouched() {
    String key = newKey();
    put(PLAIN, "pk", key, "a", 1, "b", 2);

    assertThat(
            dynamo()
                .updateItem(
                    request ->
                        request
                            .tableName(PLAIN)
                            .key(item("pk", key))
                            .updateExpression("SET a = :v")
                            .expressionAttributeValues(Map.of(":v", n(10)))
                            .returnValues(ReturnValue.UPDATED_OLD))
                .attributes())
        .isEqualTo(item("a", 1));
    assertThat(
            dynamo()
                .updateItem(
                    request ->
                        request
                            .tableName(PLAIN)
                            .key(item("pk", key))
                            .updateExpression("SET b = :v")
                            .expressionAttributeValues(Map.of(":v", n(20)))
                            .returnValues(ReturnValue.UPDATED_NEW))
                .attributes())
        .isEqualTo(item("b", 20));
  }

  @Test
  default void anUpdateOfNothingMakesTheItem() {
    String key = newKey();
    dynamo().updateItem(request -> request.tableName(PLAIN).key(item("pk", key)));

    assertThat(get(PLAIN, "pk", key)).isEqualTo(item("pk", key));
  }

  @Test
  default void deleteReturnsWhatItDeletedAndIsNoErrorTwice() {
    String key = newKey();
    put(PLAIN, "pk", key, "v", 1);

    for (Map<String, AttributeValue> expected :
        List.of(item("pk", key, "v", 1), Map.<String, AttributeValue>of())) {
      assertThat(
              dynamo()
                  .deleteItem(
                      request ->
                          request
                              .tableName(PLAIN)
                              .key(item("pk", key))
                              .returnValues(ReturnValue.ALL_OLD))
                  .attributes())
          .isEqualTo(expected);
    }
    assertThat(get(PLAIN, "pk", key)).isEmpty();
  }

  @Test
  default void legacyParametersStillWork() {
    String key = newKey();
    put(PLAIN, "pk", key, "v", 1);
    dynamo()
        .updateItem(
            request ->
                request
                    .tableName(PLAIN)
                    .key(item("pk", key))
                    .attributeUpdates(
                        Map.of(
                            "v",
                            software.amazon.awssdk.services.dynamodb.model.AttributeValueUpdate
                                .builder()
                                .action("ADD")
                                .value(n(4))
                                .build()))
                    .expected(
                        Map.of(
                            "v",
                            software.amazon.awssdk.services.dynamodb.model.ExpectedAttributeValue
                                .builder()
                                .comparisonOperator(ComparisonOperator.LE)
                                .attributeValueList(n(1))
                                .build())));

    assertThat(get(PLAIN, "pk", key)).isEqualTo(item("pk", key, "v", 5));
  }

  @Test
  default void capacityIsCountedInWholeUnits() {
    String key = newKey();
    String text = "x".repeat(5000);

    assertThat(
            dynamo()
                .putItem(
                    request ->
                        request
                            .tableName(PLAIN)
                            .item(item("pk", key, "text", text))
                            .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL))
                .consumedCapacity()
                .capacityUnits())
        .isEqualTo(5.0);
    assertThat(
            dynamo()
                .getItem(
                    request ->
                        request
                            .tableName(PLAIN)
                            .key(item("pk", key))
                            .consistentRead(true)
                            .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL))
                .consumedCapacity()
                .capacityUnits())
        .isEqualTo(2.0);
  }

  @Test
  default void anItemOfFourHundredKilobytesFitsAndOneByteMoreDoesNot() {
    String key = newKey();
    int room = 400 * 1024 - "pk".length() - key.length() - "text".length();
    put(PLAIN, "pk", key, "text", "x".repeat(room));

    assertThat(get(PLAIN, "pk", key)).containsKey("text");
    assertThatThrownBy(() -> put(PLAIN, "pk", key, "text", "x".repeat(room + 1)))
        .isInstanceOf(DynamoDbException.class)
        .hasMessageContaining("Item size has exceeded the maximum allowed size");
  }

  @Test
  default void mistakesAreValidationExceptions() {
    DynamoDbException missing =
        catchThrowableOfType(DynamoDbException.class, () -> put(PLAIN, "other", "x"));
    DynamoDbException syntax =
        catchThrowableOfType(
            DynamoDbException.class,
            () ->
                dynamo()
                    .putItem(
                        request ->
                            request
                                .tableName(PLAIN)
                                .item(item("pk", "x"))
                                .conditionExpression("pk = = :v")
                                .expressionAttributeValues(Map.of(":v", n(1)))));

    assertThat(missing.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
    assertThat(missing.awsErrorDetails().errorMessage())
        .isEqualTo("One or more parameter values were invalid: Missing the key pk in the item");
    assertThat(missing.statusCode()).isEqualTo(400);
    assertThat(syntax.awsErrorDetails().errorMessage())
        .startsWith("Invalid ConditionExpression: Syntax error; token: \"=\"");
  }

  @Test
  default void aTableThatIsNotThereIsNotFound() {
    assertThatThrownBy(() -> put("Contract.Missing", "pk", "x"))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Requested resource not found");
  }

  @Test
  default void countersThatMeetLoseNothing() throws Exception {
    String key = newKey();
    int threads = 8;
    int each = 25;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        writers.add(
            executor.submit(
                () -> {
                  for (int k = 0; k < each; k++) {
                    dynamo()
                        .updateItem(
                            request ->
                                request
                                    .tableName(PLAIN)
                                    .key(item("pk", key))
                                    .updateExpression("ADD v :one")
                                    .expressionAttributeValues(Map.of(":one", n(1))));
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }

    assertThat(get(PLAIN, "pk", key)).isEqualTo(item("pk", key, "v", threads * each));
  }
}
