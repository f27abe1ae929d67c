package io.equator.server.contract;

import static io.equator.server.contract.Contract.item;
import static io.equator.server.contract.Contract.n;
import static io.equator.server.contract.Contract.newKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** BatchWriteItem and BatchGetItem. */
interface BatchContract extends Contract {

  private static WriteRequest putting(Map<String, AttributeValue> item) {
    return WriteRequest.builder().putRequest(put -> put.item(item)).build();
  }

  private static WriteRequest deleting(Map<String, AttributeValue> key) {
    return WriteRequest.builder().deleteRequest(delete -> delete.key(key)).build();
  }

  @Test
  default void aBatchWritesToSeveralTablesAndIsReadBackInOne() {
    String key = newKey();
    List<WriteRequest> sorted = new ArrayList<>();
    List<Map<String, AttributeValue>> keys = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      sorted.add(putting(item("pk", key, "sk", i, "v", 10 * i)));
      keys.add(item("pk", key, "sk", i));
    }
    assertThat(
            dynamo()
                .batchWriteItem(
                    request ->
                        request.requestItems(
                            Map.of(SORTED, sorted, PLAIN, List.of(putting(item("pk", key))))))
                .unprocessedItems())
        .isEmpty();

    BatchGetItemResponse response =
        dynamo()
            .batchGetItem(
                request ->
                    request.requestItems(
                        Map.of(
                            SORTED,
                            KeysAndAttributes.builder()
                                .keys(keys)
                                .consistentRead(true)
                                .projectionExpression("v")
                                .build(),
                            PLAIN,
                            KeysAndAttributes.builder()
                                .keys(List.of(item("pk", key), item("pk", newKey())))
                                .consistentRead(true)
                                .build())));

    assertThat(response.unprocessedKeys()).isEmpty();
    assertThat(response.responses().get(PLAIN)).containsExactly(item("pk", key));
    assertThat(response.responses().get(SORTED))
        .containsExactlyInAnyOrderElementsOf(
            keys.stream().map(k -> item("v", 10 * Long.parseLong(String.valueOf(n(k))))).toList());
  }

  private static String n(Map<String, AttributeValue> key) {
    AttributeValue value = key.get("sk");
    return value == null ? "0" : value.n();
  }

  @Test
  default void aBatchDeletes() {
    String key = newKey();
    put(PLAIN, "pk", key);
    dynamo()
        .batchWriteItem(
            request -> request.requestItems(Map.of(PLAIN, List.of(deleting(item("pk", key))))));

    assertThat(get(PLAIN, "pk", key)).isEmpty();
  }

  @Test
  default void theSameKeyTwiceIsAMistake() {
    String key = newKey();
    assertThatThrownBy(
            () ->
                dynamo()
                    .batchWriteItem(
                        request ->
                            request.requestItems(
                                Map.of(
                                    PLAIN,
                                    List.of(putting(item("pk", key)), deleting(item("pk", key)))))))
        .isInstanceOf(DynamoDbException.class)
        .hasMessageContaining("Provided list of item keys contains duplicates");
  }
}
