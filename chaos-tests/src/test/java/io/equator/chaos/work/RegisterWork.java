package io.equator.chaos.work;

import static io.equator.chaos.work.Client.key;
import static io.equator.chaos.work.Client.n;

import io.equator.chaos.history.Fate;
import io.equator.chaos.history.Register;
import io.equator.chaos.history.Register.Request;
import io.equator.replication.sim.LinearizabilityChecker;
import io.equator.replication.sim.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;

/**
 * Strong reads, puts, conditional puts and counting updates of single items, judged for
 * linearizability item by item.
 *
 * <p>After {@link #OPERATIONS_MAX} operations an item is left for a new one: the search for an
 * order doubles with every unknown write.
 */
public final class RegisterWork implements Work {
  private static final String TABLE = "Registers";
  private static final int SLOTS = 3;
  private static final int OPERATIONS_MAX = 80;
  private static final int UNKNOWN_MAX = 8;

  private final Tally tally;
  private final Map<String, List<Operation<Request, Long>>> histories = new TreeMap<>();
  private final Map<Integer, Integer> generations = new HashMap<>();
  private final Map<String, Integer> unknown = new HashMap<>();
  private final AtomicLong values = new AtomicLong();

  /** Counts what it does there. */
  public RegisterWork(Tally tally) {
    this.tally = tally;
  }

  @Override
  public String name() {
    return "items: linearizable";
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
    String item = item(random.nextInt(SLOTS));
    switch (random.nextInt(5)) {
      case 0 -> write(database, client, item, values.incrementAndGet());
      case 1 -> add(database, client, item, 1 + random.nextInt(3));
      case 2 -> {
        Long seen = read(database, client, item);
        if (seen != null) {
          swap(database, client, item, seen, values.incrementAndGet());
        }
      }
      default -> read(database, client, item);
    }
  }

  private synchronized String item(int slot) {
    int generation = generations.getOrDefault(slot, 0);
    String item = slot + "-" + generation;
    if (histories.getOrDefault(item, List.of()).size() >= OPERATIONS_MAX
        || unknown.getOrDefault(item, 0) >= UNKNOWN_MAX) {
      generations.put(slot, generation + 1);
      return slot + "-" + (generation + 1);
    }
    return item;
  }

  private void write(DynamoDbClient database, int client, String item, long value) {
    record(
        "PutItem",
        client,
        item,
        new Request.Write(value),
        () -> {
          database.putItem(r -> r.tableName(TABLE).item(whole(item, value)));
          return 1L;
        });
  }

  private void add(DynamoDbClient database, int client, String item, long amount) {
    record(
        "UpdateItem ADD",
        client,
        item,
        new Request.Add(amount),
        () ->
            number(
                database
                    .updateItem(
                        r ->
                            r.tableName(TABLE)
                                .key(key(item))
                                .updateExpression("ADD v :v")
                                .expressionAttributeValues(Map.of(":v", n(amount)))
                                .returnValues(ReturnValue.UPDATED_NEW))
                    .attributes()));
  }

  private @org.jspecify.annotations.Nullable Long read(
      DynamoDbClient database, int client, String item) {
    return record(
        "GetItem, strong",
        client,
        item,
        new Request.Read(),
        () ->
            number(
                database
                    .getItem(r -> r.tableName(TABLE).key(key(item)).consistentRead(true))
                    .item()));
  }

  private void swap(DynamoDbClient database, int client, String item, long expected, long value) {
    record(
        "PutItem with condition",
        client,
        item,
        new Request.Swap(expected, value),
        () -> {
          try {
            database.putItem(
                r -> {
                  r.tableName(TABLE).item(whole(item, value));
                  if (expected == 0) {
                    r.conditionExpression("attribute_not_exists(pk)");
                  } else {
                    r.conditionExpression("v = :v")
                        .expressionAttributeValues(Map.of(":v", n(expected)));
                  }
                });
            return 1L;
          } catch (ConditionalCheckFailedException e) {
            return 0L;
          }
        });
  }

  private interface Call {
    long make();
  }

  private @org.jspecify.annotations.Nullable Long record(
      String name, int client, String item, Request request, Call call) {
    long invoked = System.nanoTime();
    try {
      long answer = call.make();
      add(item, new Operation<>(client, invoked, System.nanoTime(), request, answer));
      tally.count(name, Fate.DONE);
      return answer;
    } catch (SdkException e) {
      if (Client.isRefusal(e)) {
        tally.count(name, Fate.REFUSED);
      } else {
        tally.count(name, Fate.UNKNOWN);
        if (!(request instanceof Request.Read)) {
          add(item, Operation.unknown(client, invoked, request));
        }
      }
      return null;
    }
  }

  private synchronized void add(String item, Operation<Request, Long> operation) {
    histories.computeIfAbsent(item, _ -> new ArrayList<>()).add(operation);
    if (operation.isUnknown()) {
      unknown.merge(item, 1, Integer::sum);
    }
  }

  private static Map<String, AttributeValue> whole(String item, long value) {
    Map<String, AttributeValue> whole = new HashMap<>(key(item));
    whole.put("v", n(value));
    return whole;
  }

  private static long number(Map<String, AttributeValue> item) {
    AttributeValue value = item.get("v");
    return value == null ? 0 : Long.parseLong(value.n());
  }

  @Override
  public List<String> judge(DynamoDbClient database) {
    for (String item : List.copyOf(histories.keySet())) {
      Client.persistently(
          () -> {
            Long last = read(database, clients(), item);
            if (last == null) {
              throw SdkException.builder().message("no answer").build();
            }
            return last;
          });
    }
    List<String> violations = new ArrayList<>();
    histories.forEach(
        (item, history) -> {
          if (!new LinearizabilityChecker<>(new Register()).check(history)) {
            violations.add("the history of item " + item + " is not linearizable: " + history);
          }
        });
    return violations;
  }
}
