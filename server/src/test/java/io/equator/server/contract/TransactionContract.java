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
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.IdempotentParameterMismatchException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnItemCollectionMetrics;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/** TransactWriteItems and TransactGetItems. */
interface TransactionContract extends Contract {

  private static TransactWriteItem putting(Map<String, AttributeValue> item) {
    return TransactWriteItem.builder().put(put -> put.tableName(PLAIN).item(item)).build();
  }

  private static TransactWriteItem puttingNew(Map<String, AttributeValue> item) {
    return TransactWriteItem.builder()
        .put(
            put ->
                put.tableName(PLAIN)
                    .item(item)
                    .conditionExpression("attribute_not_exists(pk)")
                    .returnValuesOnConditionCheckFailure(
                        ReturnValuesOnConditionCheckFailure.ALL_OLD))
        .build();
  }

  private static TransactWriteItem adding(String key, long amount) {
    return TransactWriteItem.builder()
        .update(
            update ->
                update
                    .tableName(PLAIN)
                    .key(item("pk", key))
                    .updateExpression("ADD v :v")
                    .expressionAttributeValues(Map.of(":v", n(amount))))
        .build();
  }

  private static TransactWriteItem checking(String key, long value) {
    return TransactWriteItem.builder()
        .conditionCheck(
            check ->
                check
                    .tableName(PLAIN)
                    .key(item("pk", key))
                    .conditionExpression("v = :v")
                    .expressionAttributeValues(Map.of(":v", n(value))))
        .build();
  }

  private static TransactWriteItem deleting(String key) {
    return TransactWriteItem.builder()
        .delete(delete -> delete.tableName(PLAIN).key(item("pk", key)))
        .build();
  }

  private static TransactGetItem getting(String key) {
    return TransactGetItem.builder().get(get -> get.tableName(PLAIN).key(item("pk", key))).build();
  }

  private List<String> codes(TransactionCanceledException e) {
    return e.cancellationReasons().stream().map(CancellationReason::code).toList();
  }

  @Test
  default void aTransactionWritesItemsOfTwoTablesWhereverTheyAre() {
    String key = newKey();
    put(PLAIN, "pk", key + "a", "v", 1);
    put(PLAIN, "pk", key + "b", "v", 2);
    put(PLAIN, "pk", key + "c", "v", 3);
    dynamo()
        .transactWriteItems(
            request ->
                request.transactItems(
                    adding(key + "a", 10),
                    deleting(key + "b"),
                    checking(key + "c", 3),
                    puttingNew(item("pk", key + "d", "v", 4)),
                    TransactWriteItem.builder()
                        .put(
                            put ->
                                put.tableName(SORTED)
                                    .item(item("pk", key, "sk", 1, "at", "now", "v", 5)))
                        .build()));
    assertThat(get(PLAIN, "pk", key + "a").get("v")).isEqualTo(n(11));
    assertThat(get(PLAIN, "pk", key + "b")).isEmpty();
    assertThat(get(PLAIN, "pk", key + "c").get("v")).isEqualTo(n(3));
    assertThat(get(PLAIN, "pk", key + "d").get("v")).isEqualTo(n(4));
    assertThat(
            dynamo()
                .query(
                    query ->
                        query
                            .tableName(SORTED)
                            .indexName("ByAt")
                            .consistentRead(true)
                            .keyConditionExpression("pk = :p")
                            .expressionAttributeValues(Map.of(":p", s(key))))
                .items())
        .as("the row of the local index")
        .hasSize(1);
    assertThat(
            dynamo()
                .transactGetItems(
                    request -> request.transactItems(getting(key + "a"), getting(key + "b")))
                .responses())
        .satisfiesExactly(
            found -> assertThat(found.item().get("v")).isEqualTo(n(11)),
            missing -> assertThat(missing.item()).isEmpty());
  }

  @Test
  default void nothingIsWrittenWhenOneActionFailsAndEachHasItsReason() {
    String key = newKey();
    put(PLAIN, "pk", key + "b", "v", 2);
    TransactionCanceledException e =
        catchThrowableOfType(
            TransactionCanceledException.class,
            () ->
                dynamo()
                    .transactWriteItems(
                        request ->
                            request.transactItems(
                                putting(item("pk", key + "a")),
                                puttingNew(item("pk", key + "b")),
                                checking(key + "c", 1),
                                adding(key + "d", 1))));
    assertThat(codes(e))
        .containsExactly("None", "ConditionalCheckFailed", "ConditionalCheckFailed", "None");
    assertThat(e.cancellationReasons().get(1).item()).containsEntry("v", n(2));
    assertThat(e.cancellationReasons().get(1).message())
        .isEqualTo("The conditional request failed");
    assertThat(e.getMessage())
        .startsWith(
            "Transaction cancelled, please refer cancellation reasons for specific reasons"
                + " [None, ConditionalCheckFailed, ConditionalCheckFailed, None]");
    assertThat(get(PLAIN, "pk", key + "a")).isEmpty();
    assertThat(get(PLAIN, "pk", key + "d")).isEmpty();
    // Nothing is locked any more.
    put(PLAIN, "pk", key + "a", "v", 1);
    put(PLAIN, "pk", key + "b", "v", 1);
  }

  @Test
  default void aKeyThatDoesNotFitCancelsWithAValidationError() {
    assertThatThrownBy(
            () ->
                dynamo()
                    .transactWriteItems(
                        request ->
                            request.transactItems(
                                TransactWriteItem.builder()
                                    .delete(
                                        delete -> delete.tableName(PLAIN).key(item("other", "x")))
                                    .build())))
        .isInstanceOfSatisfying(
            TransactionCanceledException.class,
            e -> assertThat(codes(e)).containsExactly("ValidationError"));
    assertThatThrownBy(
            () ->
                dynamo()
                    .transactGetItems(
                        request ->
                            request.transactItems(
                                TransactGetItem.builder()
                                    .get(get -> get.tableName("no-such-table").key(item("pk", "x")))
                                    .build())))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  default void anUpdateThatCannotBeMadeCancelsWithAValidationError() {
    String key = newKey();
    put(PLAIN, "pk", key, "v", "text");
    assertThatThrownBy(
            () ->
                dynamo()
                    .transactWriteItems(
                        request -> request.transactItems(adding(key, 1), adding(key + "other", 1))))
        .isInstanceOfSatisfying(
            TransactionCanceledException.class,
            e -> assertThat(codes(e)).containsExactly("ValidationError", "None"));
    assertThat(get(PLAIN, "pk", key + "other")).isEmpty();
  }

  @Test
  default void aTokenMakesARepetitionHarmless() {
    for (int items = 1; items <= 4; items += 3) {
      String key = newKey();
      String token = UUID.randomUUID().toString();
      List<TransactWriteItem> actions = new ArrayList<>();
      for (int i = 0; i < items; i++) {
        actions.add(adding(key + i, 1));
      }
      for (int i = 0; i < 3; i++) {
        dynamo()
            .transactWriteItems(
                request -> request.clientRequestToken(token).transactItems(actions));
      }
      for (int i = 0; i < items; i++) {
        assertThat(get(PLAIN, "pk", key + i).get("v")).isEqualTo(n(1));
      }
      actions.set(0, adding(key + 0, 2));
      assertThatThrownBy(
              () ->
                  dynamo()
                      .transactWriteItems(
                          request -> request.clientRequestToken(token).transactItems(actions)))
          .isInstanceOf(IdempotentParameterMismatchException.class);
    }
  }

  @Test
  default void aTokenOfACancelledTransactionMayBeUsedAgain() {
    String key = newKey();
    String token = UUID.randomUUID().toString();
    put(PLAIN, "pk", key + "a", "v", 1);
    List<TransactWriteItem> actions =
        List.of(
            puttingNew(item("pk", key + "a", "v", 9)), adding(key + "b", 1), adding(key + "c", 1));
    assertThatThrownBy(
            () ->
                dynamo()
                    .transactWriteItems(
                        request -> request.clientRequestToken(token).transactItems(actions)))
        .isInstanceOf(TransactionCanceledException.class);
    dynamo().deleteItem(request -> request.tableName(PLAIN).key(item("pk", key + "a")));
    dynamo()
        .transactWriteItems(request -> request.clientRequestToken(token).transactItems(actions));
    assertThat(get(PLAIN, "pk", key + "a").get("v")).isEqualTo(n(9));
  }

  @Test
  default void capacityIsTwiceThatOfSingleWritesAndCollectionsAreMeasured() {
    String key = newKey();
    TransactWriteItemsResponse written =
        dynamo()
            .transactWriteItems(
                request ->
                    request
                        .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                        .returnItemCollectionMetrics(ReturnItemCollectionMetrics.SIZE)
                        .transactItems(
                            putting(item("pk", key)),
                            putting(item("pk", key + "2")),
                            TransactWriteItem.builder()
                                .put(put -> put.tableName(SORTED).item(item("pk", key, "sk", 1)))
                                .build()));
    assertThat(written.consumedCapacity())
        .satisfiesExactly(
            plain -> {
              assertThat(plain.tableName()).isEqualTo(PLAIN);
              assertThat(plain.capacityUnits()).isEqualTo(4);
              assertThat(plain.writeCapacityUnits()).isEqualTo(4);
            },
            sorted -> assertThat(sorted.capacityUnits()).isEqualTo(2));
    assertThat(written.itemCollectionMetrics()).containsOnlyKeys(SORTED);
    TransactGetItemsResponse read =
        dynamo()
            .transactGetItems(
                request ->
                    request
                        .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                        .transactItems(getting(key), getting(newKey())));
    assertThat(read.consumedCapacity().getFirst().readCapacityUnits()).isEqualTo(4);
  }

  @Test
  default void fourMegabytesAreWrittenAtOnceAndNoMore() {
    String key = newKey();
    List<TransactWriteItem> actions = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      actions.add(putting(item("pk", key + i, "v", "x".repeat(400_000))));
    }
    dynamo().transactWriteItems(request -> request.transactItems(actions));
    for (int i = 0; i < 10; i++) {
      assertThat(get(PLAIN, "pk", key + i).get("v").s()).hasSize(400_000);
    }
    actions.add(putting(item("pk", key + 10, "v", "x".repeat(400_000))));
    assertThatThrownBy(() -> dynamo().transactWriteItems(request -> request.transactItems(actions)))
        .hasMessageContaining("4MB limit");
  }

  /** Money moves between accounts all over the place; every reader sees all of it. */
  @Test
  default void readersNeverSeeHalfOfATransfer() throws Exception {
    String key = newKey();
    int accounts = 6;
    for (int i = 0; i < accounts; i++) {
      put(PLAIN, "pk", key + i, "v", 100);
    }
    List<TransactGetItem> all = new ArrayList<>();
    for (int i = 0; i < accounts; i++) {
      all.add(getting(key + i));
    }
    AtomicBoolean stop = new AtomicBoolean();
    List<Future<?>> movers = new ArrayList<>();
    int read = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int m = 0; m < 3; m++) {
        int from = m;
        movers.add(
            threads.submit(
                () -> {
                  for (int i = 1; !stop.get(); i++) {
                    int to = (from + i) % accounts;
                    if (to != from) {
                      try {
                        dynamo()
                            .transactWriteItems(
                                request ->
                                    request.transactItems(
                                        adding(key + from, -1), adding(key + to, 1)));
                      } catch (TransactionCanceledException | TransactionInProgressException _) {
                        // The others were faster.
                      }
                    }
                  }
                }));
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
      while (System.nanoTime() < end) {
        try {
          long total =
              dynamo().transactGetItems(request -> request.transactItems(all)).responses().stream()
                  .mapToLong(found -> Long.parseLong(found.item().get("v").n()))
                  .sum();
          assertThat(total).isEqualTo(100L * accounts);
          read++;
        } catch (TransactionCanceledException _) {
          // Every round met a transfer.
        }
      }
      stop.set(true);
    }
    for (Future<?> mover : movers) {
      mover.get();
    }
    assertThat(read).isPositive();
  }
}
