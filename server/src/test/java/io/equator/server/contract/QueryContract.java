package io.equator.server.contract;

import static io.equator.server.contract.Contract.item;
import static io.equator.server.contract.Contract.n;
import static io.equator.server.contract.Contract.newKey;
import static io.equator.server.contract.Contract.plain;
import static io.equator.server.contract.Contract.s;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.Select;

/** Query and Scan, of tables and of local indexes. */
interface QueryContract extends Contract {

  /** Ten items with the sort keys -2, 0, 2, … 16, in no order, and {@code at} running backwards. */
  private String collection() {
    String key = newKey();
    for (int i : new int[] {7, 3, 9, 0, 5, 1, 8, 2, 6, 4}) {
      put(SORTED, "pk", key, "sk", 2 * i - 2, "at", "t" + (9 - i), "even", i % 2 == 0);
    }
    return key;
  }

  private QueryResponse query(String key, String more, Consumer<QueryRequest.Builder> request) {
    return dynamo()
        .query(
            builder -> {
              builder
                  .tableName(SORTED)
                  .keyConditionExpression("pk = :pk" + more)
                  .expressionAttributeValues(Map.of(":pk", s(key)))
                  .consistentRead(true);
              request.accept(builder);
            });
  }

  private static List<String> sortKeys(List<Map<String, AttributeValue>> items) {
    return items.stream().map(item -> number(item, "sk")).toList();
  }

  private static String number(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null ? "" : value.n();
  }

  @Test
  default void itemsComeInTheOrderOfTheirNumbers() {
    String key = collection();

    assertThat(sortKeys(query(key, "", request -> {}).items()))
        .containsExactly("-2", "0", "2", "4", "6", "8", "10", "12", "14", "16");
    assertThat(
            sortKeys(query(key, "", request -> request.scanIndexForward(false).limit(3)).items()))
        .containsExactly("16", "14", "12");
  }

  @Test
  default void aRangeHasBothEnds() {
    String key = collection();

    assertThat(
            sortKeys(
                query(
                        key,
                        " AND sk BETWEEN :from AND :to",
                        request ->
                            request.expressionAttributeValues(
                                Map.of(":pk", s(key), ":from", n(0), ":to", n(6))))
                    .items()))
        .containsExactly("0", "2", "4", "6");
    assertThat(
            sortKeys(
                query(
                        key,
                        " AND sk > :from",
                        request ->
                            request.expressionAttributeValues(
                                Map.of(":pk", s(key), ":from", n(12))))
                    .items()))
        .containsExactly("14", "16");
  }

  @Test
  default void pagesFollowOneAnotherWithoutGapOrRepeat() {
    String key = collection();
    List<String> seen = new ArrayList<>();
    int pages = 0;
    Map<String, AttributeValue> start = Map.of();
    do {
      Map<String, AttributeValue> from = start;
      QueryResponse page =
          query(
              key,
              "",
              request -> {
                request.limit(3);
                if (!from.isEmpty()) {
                  request.exclusiveStartKey(from);
                }
              });
      seen.addAll(sortKeys(page.items()));
      start = page.lastEvaluatedKey();
      pages++;
    } while (!start.isEmpty());

    assertThat(seen).containsExactly("-2", "0", "2", "4", "6", "8", "10", "12", "14", "16");
    assertThat(pages).isEqualTo(4);
  }

  @Test
  default void aFilterDropsAfterCounting() {
    String key = collection();
    QueryResponse response =
        query(
            key,
            "",
            request ->
                request
                    .filterExpression("even = :true")
                    .expressionAttributeValues(
                        Map.of(":pk", s(key), ":true", AttributeValue.fromBool(true))));

    assertThat(response.count()).isEqualTo(5);
    assertThat(response.scannedCount()).isEqualTo(10);
  }

  @Test
  default void countReturnsNoItems() {
    QueryResponse response = query(collection(), "", request -> request.select(Select.COUNT));

    assertThat(response.count()).isEqualTo(10);
    assertThat(response.hasItems()).isFalse();
  }

  @Test
  default void aLocalIndexHasItsOwnOrderAndFollowsEveryWrite() {
    String key = collection();
    assertThat(sortKeys(query(key, "", request -> request.indexName("ByAt").limit(3)).items()))
        .containsExactly("16", "14", "12");

    put(SORTED, "pk", key, "sk", 16, "at", "t95");
    put(SORTED, "pk", key, "sk", 14);

    assertThat(sortKeys(query(key, "", request -> request.indexName("ByAt")).items()))
        .containsExactly("12", "10", "8", "6", "4", "2", "0", "-2", "16");
  }

  @Test
  default void aLocalIndexReturnsItsProjectionAndFetchesTheRestWhenAsked() {
    String key = newKey();
    put(SORTED, "pk", key, "sk", 1, "at", "t", "more", "m");

    assertThat(query(key, "", request -> request.indexName("ByAtKeys")).items())
        .containsExactly(item("pk", key, "sk", 1, "at", "t"));
    assertThat(
            query(key, "", request -> request.indexName("ByAtKeys").select(Select.ALL_ATTRIBUTES))
                .items())
        .containsExactly(item("pk", key, "sk", 1, "at", "t", "more", "m"));
  }

  @Test
  default void aPageEndsAtOneMegabyte() {
    String key = newKey();
    for (int i = 0; i < 4; i++) {
      put(SORTED, "pk", key, "sk", i, "text", "x".repeat(350_000));
    }
    QueryResponse first = query(key, "", request -> {});

    assertThat(sortKeys(first.items())).containsExactly("0", "1", "2");
    assertThat(first.lastEvaluatedKey()).isEqualTo(item("pk", key, "sk", 2));
  }

  @Test
  default void aKeyConditionNeedsThePartitionKey() {
    assertThatThrownBy(
            () ->
                dynamo()
                    .query(
                        request ->
                            request
                                .tableName(SORTED)
                                .keyConditionExpression("sk = :v")
                                .expressionAttributeValues(Map.of(":v", n(1)))))
        .isInstanceOf(DynamoDbException.class)
        .hasMessageContaining("Query condition missed key schema element: pk");
  }

  @Test
  default void segmentsOfAScanTogetherSeeEveryItemOnce() {
    String name = "Contract.Scanned";
    create(plain(name));
    for (int i = 0; i < 50; i++) {
      put(name, "pk", "k" + i);
    }
    List<String> seen = new ArrayList<>();
    for (int segment = 0; segment < 4; segment++) {
      int number = segment;
      Map<String, AttributeValue> start = Map.of();
      do {
        Map<String, AttributeValue> from = start;
        ScanResponse page =
            dynamo()
                .scan(
                    request -> {
                      request
                          .tableName(name)
                          .segment(number)
                          .totalSegments(4)
                          .limit(7)
                          .consistentRead(true);
                      if (!from.isEmpty()) {
                        request.exclusiveStartKey(from);
                      }
                    });
        page.items().forEach(item -> seen.add(String.valueOf(item.get("pk"))));
        start = page.lastEvaluatedKey();
      } while (!start.isEmpty());
    }
    dynamo().deleteTable(request -> request.tableName(name));

    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 50).mapToObj(i -> String.valueOf(s("k" + i))).toList());
  }
}
