package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.AttributeValue.S;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.RowCursor;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import io.equator.node.service.HostedPartition;
import io.equator.proto.RegionComparisonReport;
import io.equator.replication.catalog.TableView;
import io.equator.server.Await;
import io.equator.server.observe.ObserveOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ReplicaStatus;
import software.amazon.awssdk.services.dynamodb.model.ReplicationGroupUpdate;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** Regions are compared: what was lost on all replicas of one comes back; nothing else is found. */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
class RegionComparisonIT {
  private static final String WEST = "us-west-2";
  private static final String EAST = "us-east-1";
  private static final String TABLE = "Compared";
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  @TempDir private Path folder;
  private EmbeddedRegions regions;
  private DynamoDbClient west;
  private DynamoDbClient east;

  @BeforeEach
  void start() {
    regions =
        EmbeddedRegions.start(
            new DevOptions(
                "localhost",
                0,
                Optional.of(folder),
                OptionalInt.empty(),
                OptionalInt.of(2),
                Optional.empty(),
                Optional.empty()),
            ObserveOptions.NONE,
            List.of(WEST, EAST),
            Duration.ZERO);
    west = client(WEST);
    east = client(EAST);
  }

  @AfterEach
  void stop() {
    west.close();
    east.close();
    regions.close();
  }

  @Test
  void whatWasLostOnAllReplicasOfARegionComesBack() throws Exception {
    createEverywhere();
    for (int i = 0; i < 50; i++) {
      put(i % 2 == 0 ? west : east, "k" + i, "first");
    }
    for (int i = 30; i < 50; i++) {
      String id = "k" + i;
      west.deleteItem(r -> r.tableName(TABLE).key(key(id)));
    }
    Await.until("all is everywhere", () -> count(west) == 30 && count(east) == 30);
    // Then the region has forgotten deletions from after everything that it will lose.
    Await.until("the tombstones are gone", () -> forgotten(EAST) != 0 && forgotten(WEST) != 0);

    stop();
    assertThat(damage()).isEqualTo(3);
    start();
    assertThat(has(east, "k3")).isFalse();

    // Otherwise a second attempt would find what the first one has mended.
    Await.until("every partition has a leader", () -> leaders(WEST) == 2);
    List<RegionComparisonReport> reports = compare(WEST);
    assertThat(sum(reports, RegionComparisonReport::getCompared)).isEqualTo(30);
    assertThat(sum(reports, RegionComparisonReport::getDifferent)).isEqualTo(2);
    assertThat(sum(reports, RegionComparisonReport::getMerged)).isEqualTo(2);
    assertThat(sum(reports, RegionComparisonReport::getCorrupt)).isEqualTo(1);
    assertThat(text(east, "k3")).isEqualTo("first");
    assertThat(text(east, "k4")).isEqualTo("first");
    assertThat(text(east, "k5")).isEqualTo("damaged");
    assertThat(text(west, "k5")).isEqualTo("first");
    assertThat(has(east, "k37")).isFalse();
    assertThat(count(east)).isEqualTo(30);

    reports = compare(WEST);
    assertThat(sum(reports, RegionComparisonReport::getDifferent)).isZero();
    assertThat(sum(reports, RegionComparisonReport::getCorrupt)).isEqualTo(1);
    // A new write is everywhere, and ends it.
    put(east, "k5", "second");
    reports = compare(EAST);
    assertThat(sum(reports, RegionComparisonReport::getDifferent)).isZero();
    assertThat(sum(reports, RegionComparisonReport::getCorrupt)).isZero();
    Await.until("the new write arrives", () -> text(west, "k5").equals("second"));
  }

  @Test
  void nothingIsFoundWhileBothRegionsWrite() throws Exception {
    createEverywhere();
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        DynamoDbClient client = i % 2 == 0 ? west : east;
        int seed = i;
        writers.add(threads.submit(() -> write(client, seed, over)));
      }
      long compared = 0;
      for (int round = 0; round < 2; round++) {
        Future<List<RegionComparisonReport>> other = threads.submit(() -> compare(EAST));
        for (List<RegionComparisonReport> reports : List.of(compare(WEST), other.get())) {
          assertThat(sum(reports, RegionComparisonReport::getDifferent)).isZero();
          assertThat(sum(reports, RegionComparisonReport::getCorrupt)).isZero();
          compared += sum(reports, RegionComparisonReport::getCompared);
        }
      }
      over.set(true);
      int writes = 0;
      for (Future<Integer> writer : writers) {
        writes += writer.get();
      }
      assertThat(writes).isPositive();
      assertThat(compared).isPositive();
    }
    Await.until("the regions are equal", () -> items(west).equals(items(east)));
    for (String region : List.of(WEST, EAST)) {
      List<RegionComparisonReport> reports = compare(region);
      assertThat(sum(reports, RegionComparisonReport::getDifferent)).isZero();
      assertThat(sum(reports, RegionComparisonReport::getCorrupt)).isZero();
      assertThat(sum(reports, RegionComparisonReport::getCompared)).isPositive();
    }
  }

  /** Few keys are written all the time, many from time to time; all in both regions. */
  private static int write(DynamoDbClient client, int seed, AtomicBoolean over) {
    Random random = new Random(seed);
    int writes = 0;
    while (!over.get()) {
      double place = random.nextDouble();
      String id = "k" + (int) (400 * place * place * place);
      if (random.nextInt(4) == 0) {
        client.deleteItem(r -> r.tableName(TABLE).key(key(id)));
      } else {
        put(client, id, seed + " " + writes);
      }
      writes++;
      LockSupport.parkNanos(10_000_000);
    }
    return writes;
  }

  // ---- what is done to a stopped region

  /** Of three items: one is gone, one is an older version, one has another value. */
  private int damage() {
    int damaged = 0;
    Path store = StoredRows.store(folder.resolve(EAST), 1);
    try (RocksStore rows = RocksStore.open(store, RocksConfig.defaults());
        RowBatch batch = rows.newBatch()) {
      try (RowCursor cursor = StoredRows.everything(rows, Family.ITEMS)) {
        for (cursor.first(); cursor.valid(); cursor.next()) {
          StoredValue value = StoredValue.read(cursor.value());
          switch (id(value.item())) {
            case "k3" -> batch.delete(Family.ITEMS, cursor.key());
            case "k4" ->
                batch.put(
                    Family.ITEMS,
                    cursor.key(),
                    StoredValue.of(damaged("k4"), value.timestamp() - 1, value.originRegion())
                        .bytes());
            case "k5" ->
                batch.put(
                    Family.ITEMS,
                    cursor.key(),
                    StoredValue.of(damaged("k5"), value.timestamp(), value.originRegion()).bytes());
            default -> damaged--;
          }
          damaged++;
        }
      }
      rows.commit(batch);
    }
    return damaged;
  }

  private static String id(EncodedItem item) {
    return item.find("id") == null || item.find("v") == null
        ? ""
        : Objects.requireNonNull(item.find("id")).string();
  }

  private static EncodedItem damaged(String id) {
    return ItemCodec.encodeItem(Map.of("id", new S(id), "v", new S("damaged")));
  }

  // ---- comparing

  /** Of all partitions; again until each has a leader and a cut. */
  private List<RegionComparisonReport> compare(String region) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<RegionComparisonReport> reports =
          regions.region(region).embeddedNodes().node(1).storage().compareRegions(table(region));
      if (reports.size() == 2
          && reports.stream().allMatch(report -> report.getTrouble().isEmpty())) {
        return reports;
      }
      assertThat(System.nanoTime()).as(reports.toString()).isLessThan(deadline);
      LockSupport.parkNanos(100_000_000);
    }
  }

  private long leaders(String region) {
    return regions.region(region).embeddedNodes().node(1).storage().all().stream()
        .filter(HostedPartition::leadsOwner)
        .count();
  }

  private int table(String region) {
    return regions.region(region).catalog().tables().values().stream()
        .filter(table -> table.name().equals(TABLE))
        .map(TableView::id)
        .findFirst()
        .orElseThrow();
  }

  /** The least of any partition. */
  private long forgotten(String region) {
    long least = Long.MAX_VALUE;
    for (HostedPartition partition :
        regions.region(region).embeddedNodes().node(1).storage().all()) {
      least = Math.min(least, partition.machine().tombstonesDroppedUpTo(table(region)));
    }
    return least;
  }

  private static long sum(
      List<RegionComparisonReport> reports,
      java.util.function.ToLongFunction<RegionComparisonReport> figure) {
    return reports.stream().mapToLong(figure).sum();
  }

  // ---- clients

  private void createEverywhere() {
    west.createTable(
        r ->
            r.tableName(TABLE)
                .attributeDefinitions(
                    a -> a.attributeName("id").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("id").keyType(KeyType.HASH))
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    west.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
    west.updateTable(
        r ->
            r.tableName(TABLE)
                .replicaUpdates(
                    ReplicationGroupUpdate.builder().create(c -> c.regionName(EAST)).build()));
    Await.until(
        "the replica is active",
        () ->
            west.describeTable(r -> r.tableName(TABLE)).table().replicas().stream()
                .anyMatch(
                    replica ->
                        replica.regionName().equals(EAST)
                            && replica.replicaStatus() == ReplicaStatus.ACTIVE));
  }

  private static Map<String, AttributeValue> key(String id) {
    return Map.of("id", AttributeValue.fromS(id));
  }

  private static void put(DynamoDbClient client, String id, String value) {
    client.putItem(
        r ->
            r.tableName(TABLE)
                .item(Map.of("id", AttributeValue.fromS(id), "v", AttributeValue.fromS(value))));
  }

  private static boolean has(DynamoDbClient client, String id) {
    return client.getItem(r -> r.tableName(TABLE).key(key(id)).consistentRead(true)).hasItem();
  }

  private static String text(DynamoDbClient client, String id) {
    return client
        .getItem(r -> r.tableName(TABLE).key(key(id)).consistentRead(true))
        .item()
        .get("v")
        .s();
  }

  private static int count(DynamoDbClient client) {
    return items(client).size();
  }

  private static Map<String, Map<String, AttributeValue>> items(DynamoDbClient client) {
    Map<String, Map<String, AttributeValue>> items = new java.util.TreeMap<>();
    client
        .scanPaginator(r -> r.tableName(TABLE).consistentRead(true))
        .items()
        .forEach(item -> items.put(item.get("id").s(), item));
    return items;
  }

  private DynamoDbClient client(String region) {
    return DynamoDbClient.builder()
        .endpointOverride(URI.create(regions.region(region).url()))
        .region(Region.of(region))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }
}
