package io.equator.chaos.work;

import static io.equator.chaos.work.Client.key;
import static io.equator.chaos.work.Client.s;

import io.equator.chaos.history.Fate;
import io.equator.chaos.history.MembersChecker;
import io.equator.chaos.history.MembersChecker.Change;
import io.equator.chaos.history.MembersChecker.Life;
import io.equator.chaos.history.MembersChecker.Scan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/**
 * Members that come and go, strong scans in pages while they do, a global index, and a stream with
 * a reader that forgets now and then what it has not saved.
 */
public final class SetWork implements Work {
  private static final String TABLE = "Members";
  private static final String INDEX = "ByGroup";
  private static final int GROUPS = 3;
  private static final int PAGE = 40;
  private static final int MEMBERS_MAX = 300;
  private static final Duration INDEX_WITHIN = Duration.ofSeconds(90);

  private final Tally tally;
  private final Map<String, Change> come = new TreeMap<>();
  private final Map<String, Change> gone = new TreeMap<>();
  private final List<Scan> scans = new ArrayList<>();
  private final AtomicLong names = new AtomicLong();
  private final StreamReader reader;

  /**
   * Counts what it does there.
   *
   * @param url where the stream is read
   */
  public SetWork(Tally tally, String url) {
    this.tally = tally;
    this.reader = new StreamReader(url, TABLE);
  }

  @Override
  public String name() {
    return "set: scans, index, stream";
  }

  @Override
  public int clients() {
    return 3;
  }

  @Override
  // The SDK takes its builders as an array of generic type.
  @SuppressWarnings("unchecked")
  public void prepare(DynamoDbClient database) {
    database.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S),
                    a -> a.attributeName("g").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                .globalSecondaryIndexes(
                    i ->
                        i.indexName(INDEX)
                            .keySchema(k -> k.attributeName("g").keyType(KeyType.HASH))
                            .projection(p -> p.projectionType(ProjectionType.ALL)))
                .streamSpecification(
                    x -> x.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    database.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }

  @Override
  public void step(DynamoDbClient database, int client, SplittableRandom random) {
    if (client == clients() - 1) {
      reader.step(random);
      return;
    }
    int choice = random.nextInt(10);
    if (choice == 0) {
      scan(database);
      return;
    }
    String leaving = choice < 5 || come.size() - gone.size() > MEMBERS_MAX ? someone(random) : "";
    if (leaving.isEmpty()) {
      join(database, "m" + names.incrementAndGet(), random);
    } else {
      leave(database, leaving);
    }
  }

  /** One that has come and was not asked to go; nobody else asks it from now on. */
  private synchronized String someone(SplittableRandom random) {
    List<String> there =
        come.entrySet().stream()
            .filter(one -> one.getValue().fate() == Fate.DONE && !gone.containsKey(one.getKey()))
            .map(Map.Entry::getKey)
            .toList();
    if (there.isEmpty()) {
      return "";
    }
    String chosen = there.get(random.nextInt(there.size()));
    gone.put(chosen, new Change(System.nanoTime(), 0, Fate.UNKNOWN));
    return chosen;
  }

  private void join(DynamoDbClient database, String member, SplittableRandom random) {
    Map<String, AttributeValue> item = new HashMap<>(key(member));
    item.put("g", s("group-" + random.nextInt(GROUPS)));
    long invoked = System.nanoTime();
    synchronized (this) {
      come.put(member, new Change(invoked, 0, Fate.UNKNOWN));
    }
    Fate fate = fate(() -> database.putItem(r -> r.tableName(TABLE).item(item)));
    tally.count("PutItem of a member", fate);
    synchronized (this) {
      come.put(member, new Change(invoked, System.nanoTime(), fate));
    }
  }

  private void leave(DynamoDbClient database, String member) {
    long invoked = System.nanoTime();
    Fate fate = fate(() -> database.deleteItem(r -> r.tableName(TABLE).key(key(member))));
    tally.count("DeleteItem of a member", fate);
    synchronized (this) {
      gone.put(member, new Change(invoked, System.nanoTime(), fate));
    }
  }

  private static Fate fate(Runnable call) {
    try {
      call.run();
      return Fate.DONE;
    } catch (SdkException e) {
      return Client.isRefusal(e) ? Fate.REFUSED : Fate.UNKNOWN;
    }
  }

  private void scan(DynamoDbClient database) {
    long invoked = System.nanoTime();
    try {
      Map<String, Map<String, AttributeValue>> items = items(database, null);
      synchronized (this) {
        scans.add(new Scan(invoked, System.nanoTime(), Set.copyOf(items.keySet())));
      }
      tally.count("Scan, strong, in pages", Fate.DONE);
    } catch (SdkException e) {
      tally.count("Scan, strong, in pages", Client.isRefusal(e) ? Fate.REFUSED : Fate.UNKNOWN);
    }
  }

  /** All items, of the table or of the index. */
  private static Map<String, Map<String, AttributeValue>> items(
      DynamoDbClient database, @org.jspecify.annotations.Nullable String index) {
    Map<String, Map<String, AttributeValue>> items = new HashMap<>();
    Map<String, AttributeValue> from = Map.of();
    do {
      Map<String, AttributeValue> start = from;
      ScanResponse page =
          database.scan(
              r -> {
                r.tableName(TABLE).limit(PAGE);
                if (index == null) {
                  r.consistentRead(true);
                } else {
                  r.indexName(index);
                }
                if (!start.isEmpty()) {
                  r.exclusiveStartKey(start);
                }
              });
      page.items().forEach(item -> items.put(item.get("pk").s(), item));
      from = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : Map.of();
    } while (!from.isEmpty());
    return items;
  }

  @Override
  public List<String> judge(DynamoDbClient database) throws Exception {
    long invoked = System.nanoTime();
    Map<String, Map<String, AttributeValue>> end = Client.persistently(() -> items(database, null));
    scans.add(new Scan(invoked, System.nanoTime(), new HashSet<>(end.keySet())));
    List<Life> lives = new ArrayList<>();
    come.forEach((member, change) -> lives.add(new Life(member, change, gone.get(member))));
    List<String> violations = new ArrayList<>(MembersChecker.check(lives, scans));
    violations.addAll(indexAtRest(database, end));
    Map<String, String> images = new TreeMap<>();
    end.forEach((member, item) -> images.put(member, item.get("g").s()));
    violations.addAll(reader.judge(images));
    return violations;
  }

  /** The index follows the table, so it is asked until it has, or should have. */
  private static List<String> indexAtRest(
      DynamoDbClient database, Map<String, Map<String, AttributeValue>> end) {
    long deadline = System.nanoTime() + INDEX_WITHIN.toNanos();
    Map<String, Map<String, AttributeValue>> rows = Map.of();
    while (System.nanoTime() - deadline < 0) {
      rows = Client.persistently(() -> items(database, INDEX));
      if (rows.equals(end)) {
        return List.of();
      }
    }
    return List.of("the index does not show its table: " + rows.keySet() + ", not " + end.keySet());
  }
}
