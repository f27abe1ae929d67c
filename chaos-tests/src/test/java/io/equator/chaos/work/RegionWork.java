package io.equator.chaos.work;

import static io.equator.chaos.work.Client.n;
import static io.equator.chaos.work.Client.s;

import io.equator.chaos.history.Fate;
import io.equator.chaos.history.RegionHistory.Attempt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * What clients of one region do to a global table.
 *
 * <ul>
 *   <li>Items that one client alone writes: by puts under a condition on what it wrote last,
 *       updates, deletes, transactions over two. It reads its own writes, whatever comes from other
 *       regions. One whose write has no answer is left alone from then on.
 *   <li>Items that all regions write.
 *   <li>Items that one region makes and another deletes, as soon as it sees them.
 *   <li>Counters and sets, of this region alone and of all.
 * </ul>
 */
public final class RegionWork implements Work {
  private static final int OWN_SLOTS = 5;
  private static final int HOT_SLOTS = 6;
  private static final int HANDED_MAX = 50;
  private static final int CLIENTS = 3;

  /** What this client last wrote to an item of its own; and how often it had to take a new one. */
  private record Own(int generation, Optional<String> value) {}

  private final GlobalTable table;
  private final String region;
  private final Queue<GlobalTable.Handed> handed;
  private final Tally tally;
  private final Map<String, Own> own = new ConcurrentHashMap<>();
  private final AtomicLong values = new AtomicLong();

  /** Work in a region that the table has a replica in. */
  public RegionWork(GlobalTable table, String region, Tally tally) {
    this.table = table;
    this.region = region;
    this.handed = table.handedTo(region);
    this.tally = tally;
  }

  @Override
  public String name() {
    return "region " + region;
  }

  @Override
  public int clients() {
    return CLIENTS;
  }

  @Override
  public void prepare(DynamoDbClient database) {}

  @Override
  public void step(DynamoDbClient database, int client, SplittableRandom random) {
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> readOwn(database, slot(client, random));
      case 3, 4, 5, 6, 7 -> writeOwn(database, slot(client, random), random);
      case 8, 9 -> transact(database, client);
      case 10, 11, 12, 13 -> writeShared(database, random);
      case 14, 15 -> handOver(database);
      case 16, 17 -> deleteHanded(database);
      case 18 -> count(database, random.nextBoolean());
      default -> addToSet(database, random.nextBoolean());
    }
  }

  @Override
  public List<String> judge(DynamoDbClient database) {
    return List.of();
  }

  // ---- items of one client

  private String slot(int client, SplittableRandom random) {
    return "own-%s-%d-%d".formatted(region, client, random.nextInt(OWN_SLOTS));
  }

  private Own own(String slot) {
    return own.getOrDefault(slot, new Own(0, Optional.empty()));
  }

  private void readOwn(DynamoDbClient database, String slot) {
    Own own = own(slot);
    try {
      Optional<String> found = read(database, pk(slot, own));
      tally.count(name() + ": strong reads", Fate.DONE);
      if (!found.equals(own.value)) {
        throw new AssertionError(
            "%s in %s is %s, after %s was answered"
                .formatted(pk(slot, own), region, found, own.value));
      }
    } catch (SdkException e) {
      tally.count(name() + ": strong reads", Fate.UNKNOWN);
    }
  }

  private static String pk(String slot, Own own) {
    return slot + "." + own.generation;
  }

  private static Optional<String> read(DynamoDbClient database, String pk) {
    Map<String, AttributeValue> item =
        database
            .getItem(r -> r.tableName(GlobalTable.NAME).key(Client.key(pk)).consistentRead(true))
            .item();
    return Optional.ofNullable(item.get("v")).map(AttributeValue::s);
  }

  private void writeOwn(DynamoDbClient database, String slot, SplittableRandom random) {
    Own own = own(slot);
    String pk = pk(slot, own);
    String value = newValue();
    int kind = random.nextInt(4);
    Optional<String> wanted = kind == 3 ? Optional.empty() : Optional.of(value);
    Fate fate =
        attempt(
            "own items",
            List.of(pk),
            wanted,
            own.value,
            () -> {
              switch (kind) {
                case 0 -> put(database, pk, value);
                case 1 -> putAfter(database, pk, value, own.value);
                case 2 -> update(database, pk, value);
                default -> delete(database, pk);
              }
            });
    settle(slot, own, wanted, fate);
  }

  private void settle(String slot, Own own, Optional<String> wanted, Fate fate) {
    switch (fate) {
      case DONE -> this.own.put(slot, new Own(own.generation, wanted));
      case UNKNOWN -> this.own.put(slot, new Own(own.generation + 1, Optional.empty()));
      case REFUSED -> {}
    }
  }

  /** Two items that only such transactions write: they are equal, or something is half done. */
  private void transact(DynamoDbClient database, int client) {
    String slot = GlobalTable.PAIR + region + "-" + client;
    Own own = own(slot);
    String value = newValue();
    List<String> pks = List.of(pk(slot, own) + "/a", pk(slot, own) + "/b");
    Fate fate =
        attempt(
            "transactions",
            pks,
            Optional.of(value),
            Optional.empty(),
            () ->
                database.transactWriteItems(
                    r ->
                        r.transactItems(
                            pks.stream()
                                .map(
                                    pk ->
                                        TransactWriteItem.builder()
                                            .put(
                                                p ->
                                                    p.tableName(GlobalTable.NAME)
                                                        .item(GlobalTable.item(pk, value)))
                                            .build())
                                .toList())));
    settle(slot, own, Optional.of(value), fate);
  }

  // ---- items of several regions

  private void writeShared(DynamoDbClient database, SplittableRandom random) {
    String pk = "hot-" + random.nextInt(HOT_SLOTS);
    String value = newValue();
    Optional<String> saw = Optional.empty();
    if (random.nextBoolean()) {
      try {
        saw = read(database, pk);
      } catch (SdkException e) {
        return;
      }
    }
    int kind = random.nextInt(5);
    attempt(
        "contested items",
        List.of(pk),
        kind == 0 ? Optional.empty() : Optional.of(value),
        saw,
        () -> {
          switch (kind) {
            case 0 -> delete(database, pk);
            case 1, 2 -> update(database, pk, value);
            default -> put(database, pk, value);
          }
        });
  }

  private void handOver(DynamoDbClient database) {
    if (table.handedCount() >= HANDED_MAX) {
      return;
    }
    String value = newValue();
    String pk = "hand-" + value;
    Fate fate =
        attempt(
            "items for others to delete",
            List.of(pk),
            Optional.of(value),
            Optional.empty(),
            () -> put(database, pk, value));
    if (fate == Fate.DONE) {
      table.handOver(region, new GlobalTable.Handed(pk, value));
    }
  }

  private void deleteHanded(DynamoDbClient database) {
    GlobalTable.Handed item = handed.poll();
    if (item == null) {
      return;
    }
    try {
      Optional<String> found = read(database, item.pk());
      if (found.isEmpty()) {
        handed.add(item);
        return;
      }
      Fate fate =
          attempt(
              "deletes of others' items",
              List.of(item.pk()),
              Optional.empty(),
              found,
              () -> delete(database, item.pk()));
      if (fate == Fate.REFUSED) {
        handed.add(item);
      }
    } catch (SdkException e) {
      handed.add(item);
    }
  }

  // ---- counters and sets

  private void count(DynamoDbClient database, boolean shared) {
    String pk = GlobalTable.COUNT + (shared ? "all" : region);
    Fate fate =
        tried(
            "counters",
            () ->
                database.updateItem(
                    r ->
                        r.tableName(GlobalTable.NAME)
                            .key(Client.key(pk))
                            .updateExpression("ADD n :one")
                            .expressionAttributeValues(Map.of(":one", n(1)))));
    table.history().counted(pk, region, fate);
  }

  private void addToSet(DynamoDbClient database, boolean shared) {
    String pk = GlobalTable.SET + (shared ? "all" : region);
    String member = newValue();
    Fate fate =
        tried(
            "sets",
            () ->
                database.updateItem(
                    r ->
                        r.tableName(GlobalTable.NAME)
                            .key(Client.key(pk))
                            .updateExpression("ADD members :one")
                            .expressionAttributeValues(
                                Map.of(":one", AttributeValue.fromSs(List.of(member))))));
    table.history().added(pk, member, fate, shared);
  }

  // ---- writes

  private String newValue() {
    return region + "/" + values.incrementAndGet();
  }

  private static void put(DynamoDbClient database, String pk, String value) {
    database.putItem(r -> r.tableName(GlobalTable.NAME).item(GlobalTable.item(pk, value)));
  }

  /** Only over what this client wrote last: anything else there would be refused, and be wrong. */
  private void putAfter(DynamoDbClient database, String pk, String value, Optional<String> before) {
    try {
      database.putItem(
          r -> {
            r.tableName(GlobalTable.NAME).item(GlobalTable.item(pk, value));
            if (before.isEmpty()) {
              r.conditionExpression("attribute_not_exists(pk)");
            } else {
              r.conditionExpression("v = :before")
                  .expressionAttributeValues(Map.of(":before", s(before.get())));
            }
          });
    } catch (ConditionalCheckFailedException e) {
      throw new AssertionError(
          "%s in %s is not %s, which was answered".formatted(pk, region, before), e);
    }
  }

  private static void update(DynamoDbClient database, String pk, String value) {
    Map<String, AttributeValue> item = GlobalTable.item(pk, value);
    Map<String, AttributeValue> values = new HashMap<>();
    item.forEach((name, each) -> values.put(":" + name, each));
    values.remove(":pk");
    database.updateItem(
        r ->
            r.tableName(GlobalTable.NAME)
                .key(Client.key(pk))
                .updateExpression("SET v = :v, again = :again, team = :team, filling = :filling")
                .expressionAttributeValues(values));
  }

  private static void delete(DynamoDbClient database, String pk) {
    database.deleteItem(r -> r.tableName(GlobalTable.NAME).key(Client.key(pk)));
  }

  private Fate attempt(
      String kind, List<String> pks, Optional<String> value, Optional<String> saw, Runnable write) {
    long begun = System.nanoTime();
    Fate fate = tried(kind, write);
    Attempt attempt = new Attempt(region, value, saw, fate, begun, System.nanoTime());
    pks.forEach(pk -> table.history().wrote(pk, attempt));
    return fate;
  }

  private Fate tried(String kind, Runnable write) {
    Fate fate;
    try {
      write.run();
      fate = Fate.DONE;
    } catch (SdkException e) {
      fate = Client.isRefusal(e) ? Fate.REFUSED : Fate.UNKNOWN;
    }
    tally.count(name() + ": " + kind, fate);
    return fate;
  }
}
