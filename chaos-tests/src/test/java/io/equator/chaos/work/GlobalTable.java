package io.equator.chaos.work;

import static io.equator.chaos.work.Client.s;

import io.equator.chaos.history.Fate;
import io.equator.chaos.history.RegionHistory;
import io.equator.chaos.history.RegionHistory.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ReplicaDescription;
import software.amazon.awssdk.services.dynamodb.model.ReplicaStatus;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/**
 * One table that several regions have, with a global index; what was written to it, and whether all
 * regions have the same in the end. An item has its value twice, so a mixture of two would show.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as an array of generic type.
public final class GlobalTable {
  /** The table's name. */
  public static final String NAME = "Around";

  static final String COUNT = "count-";
  static final String SET = "set-";
  static final String PAIR = "pair-";
  private static final String PULSE = "pulse-";
  private static final String INDEX = "byTeam";
  private static final int TEAMS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(300);
  private static final long LOOK_MILLIS = 100;

  /** An item that somebody else is to delete. */
  record Handed(String pk, String value) {}

  private final Map<String, DynamoDbClient> regions = new LinkedHashMap<>();
  private final Map<String, Queue<Handed>> handed = new ConcurrentHashMap<>();
  private final RegionHistory history = new RegionHistory();
  private final AtomicLong pulses = new AtomicLong();

  /** Makes the table in a region. */
  public GlobalTable(String region, DynamoDbClient database) {
    regions.put(region, database);
    Client.persistently(
        () ->
            database.createTable(
                r ->
                    r.tableName(NAME)
                        .billingMode(BillingMode.PAY_PER_REQUEST)
                        .attributeDefinitions(
                            a -> a.attributeName("pk").attributeType(ScalarAttributeType.S),
                            a -> a.attributeName("team").attributeType(ScalarAttributeType.S))
                        .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                        .globalSecondaryIndexes(
                            g ->
                                g.indexName(INDEX)
                                    .keySchema(
                                        k -> k.attributeName("team").keyType(KeyType.HASH),
                                        k -> k.attributeName("pk").keyType(KeyType.RANGE))
                                    .projection(p -> p.projectionType(ProjectionType.ALL)))
                        .streamSpecification(
                            s ->
                                s.streamEnabled(true)
                                    .streamViewType(StreamViewType.NEW_AND_OLD_IMAGES))));
    database.waiter().waitUntilTableExists(r -> r.tableName(NAME));
  }

  /**
   * Gives it a replica in another region, and waits until that takes requests.
   *
   * @return how long that took
   */
  public Duration addReplica(String region, DynamoDbClient database) throws InterruptedException {
    long begun = System.nanoTime();
    DynamoDbClient first = regions.values().iterator().next();
    Client.persistently(
        () ->
            first.updateTable(
                r -> r.tableName(NAME).replicaUpdates(u -> u.create(c -> c.regionName(region)))));
    await("the replica in " + region + " is not ACTIVE", () -> isActive(first, region));
    await("it is not ACTIVE in " + region, () -> isActive(database, region));
    regions.put(region, database);
    return since(begun);
  }

  private static boolean isActive(DynamoDbClient database, String region) {
    return database.describeTable(r -> r.tableName(NAME)).table().replicas().stream()
            .filter(replica -> replica.regionName().equals(region))
            .map(ReplicaDescription::replicaStatus)
            .anyMatch(ReplicaStatus.ACTIVE::equals)
        && "ACTIVE"
            .equals(database.describeTable(r -> r.tableName(NAME)).table().tableStatusAsString());
  }

  /** A region is gone for good, with what it had sent to nobody. */
  public void lost(String region) {
    regions.remove(region);
    history.lost(region);
  }

  static Map<String, AttributeValue> item(String pk, String value) {
    Map<String, AttributeValue> item = new HashMap<>(Client.key(pk));
    item.put("v", s(value));
    item.put("again", s(value));
    item.put("team", s("team-" + Math.floorMod(value.hashCode(), TEAMS)));
    item.put("filling", s("x".repeat(Math.floorMod(value.hashCode(), 400))));
    return item;
  }

  // ---- what clients share

  RegionHistory history() {
    return history;
  }

  Queue<Handed> handedTo(String region) {
    return handed.computeIfAbsent(region, _ -> new ConcurrentLinkedQueue<>());
  }

  int handedCount() {
    return handed.values().stream().mapToInt(Queue::size).sum();
  }

  /** To some other region that has clients. */
  void handOver(String from, Handed item) {
    List<String> others = handed.keySet().stream().filter(one -> !one.equals(from)).toList();
    if (!others.isEmpty()) {
      handedTo(others.get(Math.floorMod(item.hashCode(), others.size()))).add(item);
    }
  }

  // ---- from one region to the others

  /** Writes in each region, and waits until every other region has it; how long that took. */
  public Duration exchange() throws InterruptedException {
    long begun = System.nanoTime();
    String value = "pulse/" + pulses.incrementAndGet();
    for (Map.Entry<String, DynamoDbClient> region : regions.entrySet()) {
      String pk = PULSE + region.getKey();
      long before = System.nanoTime();
      Client.persistently(
          () -> region.getValue().putItem(r -> r.tableName(NAME).item(item(pk, value))));
      history.wrote(
          pk,
          new Attempt(
              region.getKey(),
              Optional.of(value),
              Optional.empty(),
              Fate.DONE,
              before,
              System.nanoTime()));
    }
    for (String from : regions.keySet()) {
      for (Map.Entry<String, DynamoDbClient> to : regions.entrySet()) {
        await(
            "what was written in " + from + " is not in " + to.getKey(),
            () ->
                to.getValue()
                    .getItem(
                        r -> r.tableName(NAME).key(Client.key(PULSE + from)).consistentRead(true))
                    .item()
                    .equals(item(PULSE + from, value)));
      }
    }
    return since(begun);
  }

  // ---- the end

  /** Waits until all regions have the same items, and each its index; how long that took. */
  public Duration converge() throws InterruptedException {
    long begun = System.nanoTime();
    String[] last = {""};
    try {
      await("the regions do not become equal", () -> (last[0] = difference()).isEmpty());
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ": " + last[0], e);
    }
    return since(begun);
  }

  /** Something that differs, in words; empty when nothing does. */
  private String difference() {
    Map<String, Map<String, AttributeValue>> first = null;
    String firstRegion = "";
    for (Map.Entry<String, DynamoDbClient> region : regions.entrySet()) {
      Map<String, Map<String, AttributeValue>> items = items(region.getValue());
      Map<String, Map<String, AttributeValue>> indexed = indexed(region.getValue());
      Map<String, Map<String, AttributeValue>> withTeam = new TreeMap<>(items);
      withTeam.values().removeIf(item -> !item.containsKey("team"));
      String index = difference(withTeam, indexed);
      if (!index.isEmpty()) {
        return "in " + region.getKey() + " the index differs from the table at " + index;
      }
      if (first == null) {
        first = items;
        firstRegion = region.getKey();
      } else if (!difference(first, items).isEmpty()) {
        return "%s differs from %s at %s"
            .formatted(firstRegion, region.getKey(), difference(first, items));
      }
    }
    return "";
  }

  private static String difference(
      Map<String, Map<String, AttributeValue>> one,
      Map<String, Map<String, AttributeValue>> other) {
    Set<String> all = new HashSet<>(one.keySet());
    all.addAll(other.keySet());
    for (String pk : all) {
      Map<String, AttributeValue> left = one.getOrDefault(pk, Map.of());
      Map<String, AttributeValue> right = other.getOrDefault(pk, Map.of());
      if (!left.equals(right)) {
        return "%s: %s and %s".formatted(pk, left.get("v"), right.get("v"));
      }
    }
    return "";
  }

  private static Map<String, Map<String, AttributeValue>> items(DynamoDbClient database) {
    Map<String, Map<String, AttributeValue>> items = new TreeMap<>();
    database
        .scanPaginator(r -> r.tableName(NAME).consistentRead(true).limit(200))
        .items()
        .forEach(item -> items.put(item.get("pk").s(), item));
    return items;
  }

  private static Map<String, Map<String, AttributeValue>> indexed(DynamoDbClient database) {
    Map<String, Map<String, AttributeValue>> items = new TreeMap<>();
    database
        .scanPaginator(r -> r.tableName(NAME).indexName(INDEX).limit(200))
        .items()
        .forEach(item -> items.put(item.get("pk").s(), item));
    return items;
  }

  /** What is wrong with what the regions have; they are equal. */
  public List<String> judge() {
    Map<String, Map<String, AttributeValue>> items =
        Client.persistently(() -> items(regions.values().iterator().next()));
    List<String> wrong = new ArrayList<>();
    Map<String, String> values = new TreeMap<>();
    Map<String, Long> counts = new TreeMap<>();
    Map<String, Set<String>> sets = new TreeMap<>();
    items.forEach(
        (pk, item) -> {
          if (pk.startsWith(COUNT)) {
            counts.put(pk, Long.valueOf(item.get("n").n()));
          } else if (pk.startsWith(SET)) {
            sets.put(pk, Set.copyOf(item.get("members").ss()));
          } else {
            values.put(pk, item.get("v").s());
            if (!item.equals(item(pk, item.get("v").s()))) {
              wrong.add(pk + " is a mixture: " + item);
            }
          }
        });
    values.forEach(
        (pk, value) -> {
          if (pk.startsWith(PAIR) && pk.endsWith("/a")) {
            String other = values.get(pk.substring(0, pk.length() - 1) + "b");
            if (!value.equals(other)) {
              wrong.add("%s has %s and %s of one transaction each".formatted(pk, value, other));
            }
          }
        });
    wrong.addAll(history.judgeItems(values));
    wrong.addAll(history.judgeCounters(counts));
    wrong.addAll(history.judgeSets(sets));
    return wrong;
  }

  /** How much there was to judge. */
  public String summary() {
    return history.summary();
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(String otherwise, Condition condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String trouble = "";
    while (System.nanoTime() - end < 0) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (SdkException e) {
        trouble = ", " + e.getMessage();
      }
      Thread.sleep(LOOK_MILLIS);
    }
    throw new AssertionError(otherwise + " within " + PATIENCE + trouble);
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }
}
