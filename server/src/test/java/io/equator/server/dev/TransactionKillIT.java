package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.RowCursor;
import io.equator.node.core.StoreKeys;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import io.equator.replication.catalog.SystemTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/**
 * A bank in a process that is killed: the total never changes, an answered transfer is there once,
 * and what the dead process has left is cleared away within a minute.
 */
class TransactionKillIT {
  private static final int ROUNDS = Integer.getInteger("equator.kill.rounds", 6);
  private static final String TABLE = "Bank";
  private static final int ACCOUNTS = 12;
  private static final int CLIENTS = 6;
  private static final long BALANCE = 1_000;

  @TempDir private Path temporary;

  private final Semaphore answered = new Semaphore(0);

  @Test
  void theTotalNeverChangesAndNothingIsLeftBehind() throws Exception {
    Path data = temporary.resolve("data");
    String[] arguments = {
      "--port", "0", "--nodes", "3", "--partitions", "4", "--data", data.toString()
    };
    SplittableRandom random = new SplittableRandom(7);
    List<String> slips = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (DevProcess process = DevProcess.start(arguments);
          DynamoDbClient client = Writers.client(process.awaitReady())) {
        if (round == 0) {
          open(client);
        }
        check(client, slips);
        AtomicBoolean stop = new AtomicBoolean();
        List<Future<List<String>>> transferring = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
          answered.drainPermits();
          for (int c = 0; c < CLIENTS; c++) {
            String name = round + "-" + c;
            long seed = random.nextLong();
            transferring.add(threads.submit(() -> transfer(client, name, seed, stop)));
          }
          assertThat(answered.tryAcquire(40 + random.nextInt(160), 120, TimeUnit.SECONDS))
              .as("transfers go on")
              .isTrue();
          process.kill();
          stop.set(true);
        }
        for (Future<List<String>> client1 : transferring) {
          slips.addAll(client1.get());
        }
      }
    }
    try (DevProcess process = DevProcess.start(arguments);
        DynamoDbClient client = Writers.client(process.awaitReady())) {
      check(client, slips);
      awaitNoLocks(client);
      // Rows of the ledger are cleared by a slower sweep than locks.
      awaitSweeps(client);
      assertThat(process.stop()).isLessThan(256);
    }
    for (int node = 1; node <= 3; node++) {
      assertNothingIsLeft(data.resolve("node-" + node).resolve("store"));
    }
  }

  // The SDK takes its builders as an array of generic type.
  @SuppressWarnings("unchecked")
  private static void open(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
    for (int i = 0; i < ACCOUNTS; i++) {
      Map<String, AttributeValue> account =
          Map.of("pk", AttributeValue.fromS(account(i)), "v", AttributeValue.fromN("" + BALANCE));
      client.putItem(r -> r.tableName(TABLE).item(account));
    }
  }

  private static String account(int number) {
    return "account-" + number;
  }

  /**
   * Transfers until told to stop, or until nobody answers; the slips of those that were answered.
   */
  private List<String> transfer(DynamoDbClient client, String name, long seed, AtomicBoolean stop) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> slips = new ArrayList<>();
    for (int i = 0; !stop.get(); i++) {
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      int amount = 1 + random.nextInt(20);
      String slip = "slip-" + name + "-" + i;
      try {
        client.transactWriteItems(
            r -> r.transactItems(adding(from, -amount), adding(to, amount), slip(slip)));
        slips.add(slip);
        answered.release();
      } catch (TransactionCanceledException e) {
        // Another transfer was faster.
      } catch (SdkException e) {
        // Perhaps made: nobody answers any more.
        if (!stop.get()) {
          continue;
        }
        return slips;
      }
    }
    return slips;
  }

  private static TransactWriteItem adding(int account, long amount) {
    return TransactWriteItem.builder()
        .update(
            u ->
                u.tableName(TABLE)
                    .key(Map.of("pk", AttributeValue.fromS(account(account))))
                    .updateExpression("ADD v :v")
                    .expressionAttributeValues(Map.of(":v", AttributeValue.fromN("" + amount))))
        .build();
  }

  private static TransactWriteItem slip(String name) {
    return TransactWriteItem.builder()
        .put(
            p ->
                p.tableName(TABLE)
                    .item(Map.of("pk", AttributeValue.fromS(name)))
                    .conditionExpression("attribute_not_exists(pk)"))
        .build();
  }

  private static void check(DynamoDbClient client, List<String> slips) throws Exception {
    List<TransactGetItem> all = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      Map<String, AttributeValue> key = Map.of("pk", AttributeValue.fromS(account(i)));
      all.add(TransactGetItem.builder().get(g -> g.tableName(TABLE).key(key)).build());
    }
    long total =
        within60Seconds(
            () ->
                client.transactGetItems(r -> r.transactItems(all)).responses().stream()
                    .mapToLong(found -> Long.parseLong(found.item().get("v").n()))
                    .sum());
    assertThat(total).as("the money in the bank").isEqualTo(ACCOUNTS * BALANCE);
    for (String slip : slips) {
      Map<String, AttributeValue> key = Map.of("pk", AttributeValue.fromS(slip));
      assertThat(client.getItem(r -> r.tableName(TABLE).key(key).consistentRead(true)).hasItem())
          .as("answered transfer %s", slip)
          .isTrue();
    }
  }

  private interface Question<T> {
    T ask() throws Exception;
  }

  /** Asks until there is an answer: what a dead process holds is let go within this time. */
  private static <T> T within60Seconds(Question<T> question) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        return question.ask();
      } catch (SdkException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
    }
  }

  private static void awaitNoLocks(DynamoDbClient client) throws Exception {
    for (int i = 0; i < ACCOUNTS; i++) {
      Map<String, AttributeValue> key = Map.of("pk", AttributeValue.fromS(account(i)));
      within60Seconds(
          () ->
              client.updateItem(
                  r ->
                      r.tableName(TABLE)
                          .key(key)
                          .updateExpression("SET seen = :t")
                          .expressionAttributeValues(Map.of(":t", AttributeValue.fromBool(true)))));
    }
  }

  /** Time passes, seen by transactions that are made in it. */
  private static void awaitSweeps(DynamoDbClient client) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(25);
    while (System.nanoTime() - end < 0) {
      check(client, List.of());
    }
  }

  private static void assertNothingIsLeft(Path store) {
    RocksConfig little = new RocksConfig(16 << 20, 0, 1 << 20, 1);
    byte[] end = new byte[17];
    java.util.Arrays.fill(end, (byte) 0xff);
    try (RocksStore rows = RocksStore.openReadOnly(store.resolve("rocksdb"), little)) {
      try (RowCursor locks = rows.cursor(Family.LOCKS, new byte[] {0}, end)) {
        locks.first();
        assertThat(locks.valid()).as("a lock in %s", store).isFalse();
      }
      int ledger = SystemTables.LEDGER.id();
      try (RowCursor row =
          rows.cursor(
              Family.ITEMS,
              StoreKeys.firstOfToken(ledger, 0, 0),
              StoreKeys.afterToken(ledger, 0, -1L))) {
        for (row.first(); row.valid(); row.next()) {
          EncodedItem item = StoredValue.read(row.value()).item();
          EncodedValue state = item.find("s");
          assertThat(state == null ? "" : state.number().toString())
              .as("state of a row of the ledger in %s", store)
              .isEqualTo("4");
        }
      }
    }
  }
}
