package io.equator.chaos.work;

import static io.equator.chaos.work.Client.key;
import static io.equator.chaos.work.Client.n;

import io.equator.chaos.history.Fate;
import io.equator.chaos.history.ListAppendChecker;
import io.equator.chaos.history.ListTransaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * Appends to several lists in one transaction, appends to one list that show it, transactional
 * reads of several lists and strong reads of one, all judged together for strict serializability.
 */
public final class ListWork implements Work {
  private static final String TABLE = "Lists";
  private static final int SLOTS = 4;
  private static final int APPENDS_MAX = 60;

  private final Tally tally;
  private final List<ListTransaction> history = new ArrayList<>();
  private final Map<Integer, Integer> appends = new HashMap<>();
  private final Set<String> lists = new HashSet<>();
  private final AtomicLong elements = new AtomicLong();

  /** Counts what it does there. */
  public ListWork(Tally tally) {
    this.tally = tally;
  }

  @Override
  public String name() {
    return "lists: strictly serializable";
  }

  @Override
  public int clients() {
    return 4;
  }

  @Override
  public void prepare(DynamoDbClient database) {
    Client.createTable(database, TABLE);
  }

  @Override
  public void step(DynamoDbClient database, int client, SplittableRandom random) {
    Set<String> keys = new LinkedHashSet<>();
    int count = 1 + random.nextInt(3);
    boolean appends = random.nextBoolean();
    while (keys.size() < count) {
      keys.add(list(random.nextInt(SLOTS), appends));
    }
    if (appends && count == 1) {
      appendAndShow(database, keys.iterator().next());
    } else if (appends) {
      append(database, keys);
    } else if (count == 1) {
      read(database, keys.iterator().next());
    } else {
      readTogether(database, List.copyOf(keys));
    }
  }

  /** A list is left for a new one when it has become long. */
  private synchronized String list(int slot, boolean append) {
    int before = append ? appends.merge(slot, 1, Integer::sum) : appends.getOrDefault(slot, 0);
    String list = slot + "-" + before / APPENDS_MAX;
    lists.add(list);
    return list;
  }

  private void append(DynamoDbClient database, Set<String> keys) {
    Map<String, Long> added = new HashMap<>();
    keys.forEach(key -> added.put(key, elements.incrementAndGet()));
    List<TransactWriteItem> updates = new ArrayList<>();
    added.forEach(
        (key, element) ->
            updates.add(
                TransactWriteItem.builder()
                    .update(
                        u ->
                            u.tableName(TABLE)
                                .key(key(key))
                                .updateExpression(APPEND)
                                .expressionAttributeValues(values(element)))
                    .build()));
    record(
        "TransactWriteItems, appending",
        true,
        added,
        () -> {
          database.transactWriteItems(r -> r.transactItems(updates));
          return Map.of();
        });
  }

  private static final String APPEND = "SET l = list_append(if_not_exists(l, :none), :one)";

  private static Map<String, AttributeValue> values(long element) {
    return Map.of(
        ":none",
        AttributeValue.fromL(List.of()),
        ":one",
        AttributeValue.fromL(List.of(n(element))));
  }

  private void appendAndShow(DynamoDbClient database, String key) {
    long element = elements.incrementAndGet();
    record(
        "UpdateItem, appending",
        false,
        Map.of(key, element),
        () -> {
          List<Long> list =
              Client.numbers(
                  database
                      .updateItem(
                          r ->
                              r.tableName(TABLE)
                                  .key(key(key))
                                  .updateExpression(APPEND)
                                  .expressionAttributeValues(values(element))
                                  .returnValues(ReturnValue.ALL_NEW))
                      .attributes(),
                  "l");
          if (list.isEmpty() || list.getLast() != element) {
            throw new AssertionError("appending " + element + " to " + key + " showed " + list);
          }
          return Map.of(key, list.subList(0, list.size() - 1));
        });
  }

  private void read(DynamoDbClient database, String key) {
    record(
        "GetItem of a list",
        false,
        Map.of(),
        () ->
            Map.of(
                key,
                Client.numbers(
                    database
                        .getItem(r -> r.tableName(TABLE).key(key(key)).consistentRead(true))
                        .item(),
                    "l")));
  }

  private void readTogether(DynamoDbClient database, List<String> keys) {
    List<TransactGetItem> gets =
        keys.stream()
            .map(
                key -> TransactGetItem.builder().get(g -> g.tableName(TABLE).key(key(key))).build())
            .toList();
    record(
        "TransactGetItems of lists",
        true,
        Map.of(),
        () -> {
          var answers = database.transactGetItems(r -> r.transactItems(gets)).responses();
          Map<String, List<Long>> seen = new HashMap<>();
          for (int i = 0; i < keys.size(); i++) {
            seen.put(keys.get(i), Client.numbers(answers.get(i).item(), "l"));
          }
          return seen;
        });
  }

  private interface Call {
    Map<String, List<Long>> make();
  }

  private void record(String name, boolean transaction, Map<String, Long> added, Call call) {
    long invoked = System.nanoTime();
    Map<String, List<Long>> seen = Map.of();
    Fate fate;
    try {
      seen = call.make();
      fate = Fate.DONE;
    } catch (SdkException e) {
      fate = Client.isRefusal(e) ? Fate.REFUSED : Fate.UNKNOWN;
    }
    tally.count(name, fate);
    if (fate == Fate.DONE || !added.isEmpty()) {
      long returned = System.nanoTime();
      synchronized (this) {
        history.add(
            new ListTransaction(history.size(), invoked, returned, added, seen, fate, transaction));
      }
    }
  }

  @Override
  public List<String> judge(DynamoDbClient database) {
    for (String list : lists) {
      int before = history.size();
      Client.persistently(
          () -> {
            read(database, list);
            if (history.size() == before) {
              throw SdkException.builder().message("no answer").build();
            }
            return list;
          });
    }
    return ListAppendChecker.check(history);
  }
}
