package io.equator.chaos.work;

import static io.equator.chaos.work.Client.key;
import static io.equator.chaos.work.Client.n;

import io.equator.chaos.history.Fate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ItemResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * Transfers between accounts, each with a slip in the same transaction. Every transactional read
 * finds all the money; at the end every account is what its slips say, and no slip of an answered
 * transfer is missing, none of a refused one is there.
 */
public final class BankWork implements Work {
  private static final String TABLE = "Bank";
  private static final int ACCOUNTS = 6;
  private static final long BALANCE = 1_000;

  private record Transfer(int from, int to, long amount, Fate fate) {}

  private final Tally tally;
  private final Map<String, Transfer> transfers = new ConcurrentHashMap<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();

  /** Counts what it does there. */
  public BankWork(Tally tally) {
    this.tally = tally;
  }

  @Override
  public String name() {
    return "bank: the total stays";
  }

  @Override
  public int clients() {
    return 3;
  }

  @Override
  public void prepare(DynamoDbClient database) {
    Client.createTable(database, TABLE);
    for (int i = 0; i < ACCOUNTS; i++) {
      Map<String, AttributeValue> account = new HashMap<>(key("account-" + i));
      account.put("v", n(BALANCE));
      database.putItem(r -> r.tableName(TABLE).item(account));
    }
  }

  @Override
  public void step(DynamoDbClient database, int client, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      try {
        long total = balances(database).stream().mapToLong(Long::longValue).sum();
        tally.count("TransactGetItems", Fate.DONE);
        if (total != ACCOUNTS * BALANCE) {
          violations.add("a transactional read found " + total + " in the bank");
        }
      } catch (SdkException e) {
        tally.count("TransactGetItems", Client.isRefusal(e) ? Fate.REFUSED : Fate.UNKNOWN);
      }
    } else {
      transfer(
          database, "slip-" + client + "-" + transfers.size() + "-" + random.nextLong(), random);
    }
  }

  private void transfer(DynamoDbClient database, String slip, SplittableRandom random) {
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    long amount = 1 + random.nextInt(20);
    Fate fate;
    try {
      database.transactWriteItems(
          r -> r.transactItems(adding(from, -amount), adding(to, amount), put(slip, amount)));
      fate = Fate.DONE;
    } catch (SdkException e) {
      fate = Client.isRefusal(e) ? Fate.REFUSED : Fate.UNKNOWN;
    }
    transfers.put(slip, new Transfer(from, to, amount, fate));
    tally.count("TransactWriteItems", fate);
  }

  private static TransactWriteItem adding(int account, long amount) {
    return TransactWriteItem.builder()
        .update(
            u ->
                u.tableName(TABLE)
                    .key(key("account-" + account))
                    .updateExpression("ADD v :v")
                    .expressionAttributeValues(Map.of(":v", n(amount))))
        .build();
  }

  private static TransactWriteItem put(String slip, long amount) {
    Map<String, AttributeValue> item = new HashMap<>(key(slip));
    item.put("amount", n(amount));
    return TransactWriteItem.builder()
        .put(p -> p.tableName(TABLE).item(item).conditionExpression("attribute_not_exists(pk)"))
        .build();
  }

  private static List<Long> balances(DynamoDbClient database) {
    List<TransactGetItem> gets = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      Map<String, AttributeValue> key = key("account-" + i);
      gets.add(TransactGetItem.builder().get(g -> g.tableName(TABLE).key(key)).build());
    }
    return database.transactGetItems(r -> r.transactItems(gets)).responses().stream()
        .map(ItemResponse::item)
        .map(item -> Long.valueOf(item.get("v").n()))
        .toList();
  }

  @Override
  public List<String> judge(DynamoDbClient database) {
    List<String> found = new ArrayList<>(violations);
    long[] expected = new long[ACCOUNTS];
    java.util.Arrays.fill(expected, BALANCE);
    transfers.forEach(
        (slip, transfer) -> {
          boolean there =
              Client.persistently(
                  () ->
                      database
                          .getItem(r -> r.tableName(TABLE).key(key(slip)).consistentRead(true))
                          .hasItem());
          if (there) {
            expected[transfer.from] -= transfer.amount;
            expected[transfer.to] += transfer.amount;
          }
          if (there && transfer.fate == Fate.REFUSED) {
            found.add("the refused transfer " + slip + " was made: " + transfer);
          }
          if (!there && transfer.fate == Fate.DONE) {
            found.add("the answered transfer " + slip + " is lost: " + transfer);
          }
        });
    List<Long> balances = Client.persistently(() -> balances(database));
    for (int i = 0; i < ACCOUNTS; i++) {
      if (balances.get(i) != expected[i]) {
        found.add("account " + i + " has " + balances.get(i) + ", its slips say " + expected[i]);
      }
    }
    return found;
  }
}
