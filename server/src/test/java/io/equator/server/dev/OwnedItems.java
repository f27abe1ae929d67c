package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * One item collection with one writer, who therefore knows what must be in it.
 *
 * <p>An item of version {@code v} holds {@code v} in four attributes and in the sort key of a local
 * index, so a write that was applied in part would show. What the writer knows of an item is the
 * set of versions that it may have: one, after an answer; two, while the fate of a write is
 * unknown. A write without an answer may still be on its way when others have been answered, and
 * come about after them, once.
 */
public final class OwnedItems {

  static final String TABLE = "Owned";
  private static final int ITEMS = 12;
  private static final int BATCH = 5;
  private static final int LOOKS = 20;
  private static final List<String> COPIES = List.of("v1", "v2", "v3", "v4");

  private final String partitionKey;
  private final SplittableRandom random;
  private final Map<Integer, Set<Optional<Long>>> possible = new HashMap<>();

  /** What writes without an answer would make of an item, as long as that has not been seen. */
  private final Map<Integer, Set<Optional<Long>>> onTheWay = new HashMap<>();

  private long version;

  OwnedItems(int writer) {
    this.partitionKey = "writer-" + writer;
    this.random = new SplittableRandom(writer);
    for (int i = 0; i < ITEMS; i++) {
      possible.put(i, new HashSet<>(Set.of(Optional.empty())));
    }
  }

  /**
   * Makes one write.
   *
   * @return whether it was answered; if not, its fate is unknown
   */
  boolean writeOnce(DynamoDbClient client) {
    long next = ++version;
    int sortKey = random.nextInt(ITEMS);
    List<Integer> touched = random.nextInt(5) == 0 ? neighbours(sortKey) : List.of(sortKey);
    Optional<Long> after = Optional.of(next);
    try {
      if (touched.size() > 1) {
        expect(touched, after);
        batchPut(client, touched, next);
      } else {
        switch (random.nextInt(4)) {
          case 0 -> {
            after = Optional.empty();
            expect(touched, after);
            client.deleteItem(r -> r.tableName(TABLE).key(key(sortKey)));
          }
          case 1 -> {
            expect(touched, after);
            update(client, sortKey, next);
          }
          default -> {
            Optional<Long> before = known(sortKey);
            expect(touched, after);
            conditionalPut(client, sortKey, next, before);
          }
        }
      }
      for (int answered : touched) {
        possible.put(answered, new HashSet<>(Set.of(after)));
      }
      return true;
    } catch (ConditionalCheckFailedException e) {
      Optional<Long> seen =
          e.item().isEmpty() ? Optional.empty() : Optional.of(number(e.item(), "v1"));
      versions(sortKey).remove(after);
      if (onTheWay(sortKey).remove(seen)) {
        possible.put(sortKey, new HashSet<>(Set.of(seen)));
        return false;
      }
      throw new AssertionError(
          "%s/%s is not what its only writer left: %s may be there, %s is"
              .formatted(partitionKey, sortKey, versions(sortKey), e.item()),
          e);
    } catch (SdkException e) {
      Optional<Long> perhaps = after;
      touched.forEach(i -> onTheWay(i).add(perhaps));
      return false;
    }
  }

  private Set<Optional<Long>> onTheWay(int sortKey) {
    return onTheWay.computeIfAbsent(sortKey, i -> new HashSet<>());
  }

  private void expect(List<Integer> touched, Optional<Long> after) {
    touched.forEach(i -> versions(i).add(after));
  }

  private Set<Optional<Long>> versions(int sortKey) {
    return possible.computeIfAbsent(sortKey, i -> new HashSet<>());
  }

  /** The version of an item whose last write was answered. */
  private Optional<Long> known(int sortKey) {
    assertThat(versions(sortKey)).hasSize(1);
    return versions(sortKey).iterator().next();
  }

  private static List<Integer> neighbours(int sortKey) {
    List<Integer> several = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      several.add((sortKey + i) % ITEMS);
    }
    return several;
  }

  private void batchPut(DynamoDbClient client, List<Integer> sortKeys, long next) {
    List<WriteRequest> writes =
        sortKeys.stream()
            .map(
                i ->
                    WriteRequest.builder()
                        .putRequest(PutRequest.builder().item(item(i, next)).build())
                        .build())
            .toList();
    Map<String, List<WriteRequest>> rest = Map.of(TABLE, writes);
    while (!rest.isEmpty()) {
      Map<String, List<WriteRequest>> now = rest;
      rest = client.batchWriteItem(r -> r.requestItems(now)).unprocessedItems();
    }
  }

  private void update(DynamoDbClient client, int sortKey, long next) {
    client.updateItem(
        r ->
            r.tableName(TABLE)
                .key(key(sortKey))
                .updateExpression("SET v1 = :v, v2 = :v, v3 = :v, v4 = :v, ordered = :o")
                .expressionAttributeValues(Map.of(":v", n(next), ":o", n(-next))));
  }

  private void conditionalPut(
      DynamoDbClient client, int sortKey, long next, Optional<Long> before) {
    client.putItem(
        r -> {
          r.tableName(TABLE)
              .item(item(sortKey, next))
              .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD);
          if (before.isPresent()) {
            r.conditionExpression("v1 = :before AND v4 = :before")
                .expressionAttributeValues(Map.of(":before", n(before.get())));
          } else {
            r.conditionExpression("attribute_not_exists(pk)");
          }
        });
  }

  /**
   * Reads the whole collection and checks it: every item has a version that it may have, whole; and
   * the local index shows the same items in its order. Then what was read is what is known.
   */
  void check(DynamoDbClient client) {
    List<Map<String, AttributeValue>> items = query(client, r -> {});
    List<Map<String, AttributeValue>> indexed = query(client, r -> r.indexName("ByOrder"));
    // What is on its way may come between the two.
    for (int i = 0; i < LOOKS && mayChange() && !indexed.equals(ordered(items)); i++) {
      items = query(client, r -> {});
      indexed = query(client, r -> r.indexName("ByOrder"));
    }
    Map<Integer, Optional<Long>> found = new HashMap<>();
    for (Map<String, AttributeValue> item : items) {
      int sortKey = Math.toIntExact(number(item, "sk"));
      long seen = number(item, "v1");
      assertThat(item).as("a whole item").isEqualTo(item(sortKey, seen));
      found.put(sortKey, Optional.of(seen));
    }
    for (int i = 0; i < ITEMS; i++) {
      Optional<Long> seen = found.getOrDefault(i, Optional.empty());
      Set<Optional<Long>> may = new HashSet<>(versions(i));
      may.addAll(onTheWay(i));
      assertThat(may).as("versions that %s/%s may have", partitionKey, i).contains(seen);
      onTheWay(i).remove(seen);
      possible.put(i, new HashSet<>(Set.of(seen)));
    }
    assertThat(indexed).isEqualTo(ordered(items));
  }

  private boolean mayChange() {
    return onTheWay.values().stream().anyMatch(some -> !some.isEmpty());
  }

  private static List<Map<String, AttributeValue>> ordered(
      List<Map<String, AttributeValue>> items) {
    return items.stream()
        .sorted(
            Comparator.<Map<String, AttributeValue>>comparingLong(i -> number(i, "ordered"))
                .thenComparingLong(i -> number(i, "sk")))
        .toList();
  }

  private List<Map<String, AttributeValue>> query(
      DynamoDbClient client, Consumer<QueryRequest.Builder> more) {
    return client
        .query(
            r -> {
              r.tableName(TABLE)
                  .consistentRead(true)
                  .keyConditionExpression("pk = :p")
                  .expressionAttributeValues(Map.of(":p", AttributeValue.fromS(partitionKey)));
              more.accept(r);
            })
        .items();
  }

  private Map<String, AttributeValue> key(int sortKey) {
    return Map.of("pk", AttributeValue.fromS(partitionKey), "sk", n(sortKey));
  }

  private Map<String, AttributeValue> item(int sortKey, long version) {
    Map<String, AttributeValue> item = new HashMap<>(key(sortKey));
    item.put("ordered", n(-version));
    COPIES.forEach(copy -> item.put(copy, n(version)));
    return item;
  }

  private static AttributeValue n(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  private static long number(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    assertThat(value).as("%s of %s", name, item).isNotNull();
    return Long.parseLong(value.n());
  }
}
