package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.RowCursor;
import io.equator.node.indexes.IndexScrubStatistics;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import io.equator.partitioner.NodeId;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexScrubReport;
import io.equator.proto.IndexServiceGrpc;
import io.equator.proto.PartitionRef;
import io.equator.proto.ScrubIndexRequest;
import io.equator.proto.ScrubIndexResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;

/** Global indexes are compared with their table while it is written to. */
class IndexScrubIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int PARTITIONS = 3;
  private static final String TABLE = "Parcels";
  private static final int PARCELS = 300;
  private static final int STILL = 100;
  private static final int CLIENTS = 4;
  private static final int ROUNDS = 6;

  @TempDir private Path temporary;

  private final Semaphore answered = new Semaphore(0);
  private final AtomicBoolean stop = new AtomicBoolean();

  private DevOptions options() {
    return new DevOptions(
        "localhost",
        0,
        Optional.of(temporary.resolve("data")),
        OptionalInt.of(3),
        OptionalInt.of(PARTITIONS),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void aSoundIndexUnderLoadHasNoDifferencesAndDamagedRowsAreFoundAndPutRight() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options());
        DynamoDbClient client = Writers.client(cluster.url());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      create(client);
      for (int i = 0; i < STILL; i++) {
        int number = i;
        client.putItem(r -> r.tableName(TABLE).item(parcel("still-" + number, number)));
      }
      List<Future<?>> writers = writers(client, threads, 17);
      awaitAnswers(500);
      for (int round = 0; round < ROUNDS; round++) {
        Found found = scrubAll(cluster.embeddedNodes());
        assertThat(found.items()).isGreaterThanOrEqualTo(STILL);
        assertThat(found.rows()).isGreaterThanOrEqualTo(STILL);
        assertThat(found.differences()).as("differences of a sound index").isZero();
        awaitAnswers(100);
      }
      stop(writers);
    }

    damage();

    try (EmbeddedCluster cluster = EmbeddedCluster.start(options());
        DynamoDbClient client = Writers.client(cluster.url());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> writers = writers(client, threads, 18);
      awaitAnswers(50);
      Found found = scrubAll(cluster.embeddedNodes());
      assertThat(found.missing()).isEqualTo(1);
      assertThat(found.different()).isEqualTo(1);
      assertThat(found.unexpected()).isEqualTo(1);
      assertThat(found.repaired()).isEqualTo(3);
      long counted = 0;
      for (int node = 1; node <= 3; node++) {
        IndexScrubStatistics statistics =
            cluster.embeddedNodes().node(node).storage().indexScrubs();
        counted += statistics.repaired();
      }
      assertThat(counted).isEqualTo(3);
      awaitAnswers(100);
      assertThat(scrubAll(cluster.embeddedNodes()).differences()).isZero();
      stop(writers);
      awaitEqual(client);
    }
  }

  private List<Future<?>> writers(DynamoDbClient client, ExecutorService threads, long seed) {
    stop.set(false);
    answered.drainPermits();
    SplittableRandom random = new SplittableRandom(seed);
    List<Future<?>> writers = new ArrayList<>();
    for (int c = 0; c < CLIENTS; c++) {
      SplittableRandom own = random.split();
      writers.add(threads.submit(() -> write(client, own)));
    }
    return writers;
  }

  private void stop(List<Future<?>> writers) throws Exception {
    stop.set(true);
    for (Future<?> writer : writers) {
      writer.get();
    }
  }

  private void awaitAnswers(int count) throws InterruptedException {
    assertThat(answered.tryAcquire(count, 120, TimeUnit.SECONDS)).as("writes go on").isTrue();
  }

  private void write(DynamoDbClient client, SplittableRandom random) {
    while (!stop.get()) {
      String key = "busy-" + random.nextInt(PARCELS);
      if (random.nextInt(4) == 0) {
        client.deleteItem(r -> r.tableName(TABLE).key(Map.of("pk", AttributeValue.fromS(key))));
      } else {
        Map<String, AttributeValue> parcel = parcel(key, random.nextInt(20));
        if (random.nextInt(4) == 0) {
          parcel.remove("town");
        }
        client.putItem(r -> r.tableName(TABLE).item(parcel));
      }
      answered.release();
    }
  }

  private static Map<String, AttributeValue> parcel(String key, int number) {
    Map<String, AttributeValue> parcel = new TreeMap<>();
    parcel.put("pk", AttributeValue.fromS(key));
    parcel.put("town", AttributeValue.fromS("town-" + number % 7));
    parcel.put("weight", AttributeValue.fromN(Integer.toString(number)));
    parcel.put("note", AttributeValue.fromS("note " + number / 3));
    return parcel;
  }

  // The SDK takes its builders as arrays of generic types.
  @SuppressWarnings("unchecked")
  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(string("pk"), string("town"))
                .keySchema(
                    KeySchemaElement.builder().attributeName("pk").keyType(KeyType.HASH).build())
                .globalSecondaryIndexes(
                    GlobalSecondaryIndex.builder()
                        .indexName("ByTown")
                        .keySchema(
                            KeySchemaElement.builder()
                                .attributeName("town")
                                .keyType(KeyType.HASH)
                                .build())
                        .projection(
                            p -> p.projectionType(ProjectionType.INCLUDE).nonKeyAttributes("note"))
                        .build()));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }

  private static AttributeDefinition string(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  /**
   * On every replica: the row of one parcel that nobody writes to goes, one has the attributes of
   * another, and one stands beside its right place, under the key of a parcel that is not there.
   */
  private void damage() {
    for (int node = 1; node <= 3; node++) {
      Path directory = StoredRows.store(temporary.resolve("data"), node);
      try (RocksStore store = RocksStore.open(directory, RocksConfig.defaults());
          RowBatch batch = store.newBatch()) {
        Map<String, byte[]> keys = new TreeMap<>();
        Map<String, byte[]> values = new TreeMap<>();
        try (RowCursor cursor = StoredRows.everything(store, Family.GLOBAL_INDEXES)) {
          for (cursor.first(); cursor.valid(); cursor.next()) {
            String text = new String(cursor.key(), StandardCharsets.ISO_8859_1);
            int at = text.indexOf("still-");
            if (at >= 0) {
              String name = text.substring(at, text.length() - 2);
              keys.put(name, cursor.key());
              values.put(name, cursor.value());
            }
          }
        }
        assertThat(keys).hasSize(STILL);
        batch.delete(Family.GLOBAL_INDEXES, keys.get("still-10"));
        batch.put(Family.GLOBAL_INDEXES, keys.get("still-20"), values.get("still-30"));
        byte[] planted = keys.get("still-40").clone();
        planted[planted.length - 3] = 'x';
        batch.put(Family.GLOBAL_INDEXES, planted, values.get("still-40"));
        store.commit(batch);
      }
    }
  }

  private record Found(
      long items,
      long rows,
      long missing,
      long different,
      long unexpected,
      long repaired,
      long unreadable) {
    long differences() {
      return missing + different + unexpected + unreadable;
    }
  }

  private static Found scrubAll(EmbeddedNodes nodes) throws Exception {
    List<IndexScrubReport> reports = new ArrayList<>();
    for (long partition = 1; partition <= PARTITIONS; partition++) {
      reports.add(scrub(nodes, partition));
    }
    IndexDifferences.Builder sum = IndexDifferences.newBuilder();
    long items = 0;
    long rows = 0;
    for (IndexScrubReport report : reports) {
      assertThat(report.getIncomplete()).isEmpty();
      items += report.getItems().getChecked();
      rows += report.getRows().getChecked();
      for (IndexDifferences part : List.of(report.getItems(), report.getRows())) {
        sum.setMissing(sum.getMissing() + part.getMissing())
            .setDifferent(sum.getDifferent() + part.getDifferent())
            .setUnexpected(sum.getUnexpected() + part.getUnexpected())
            .setRepaired(sum.getRepaired() + part.getRepaired())
            .setUnreadable(sum.getUnreadable() + part.getUnreadable());
      }
    }
    return new Found(
        items,
        rows,
        sum.getMissing(),
        sum.getDifferent(),
        sum.getUnexpected(),
        sum.getRepaired(),
        sum.getUnreadable());
  }

  /** Asks nodes until the one that leads has answered with everything. */
  private static IndexScrubReport scrub(EmbeddedNodes nodes, long partition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      for (int node = 1; node <= 3; node++) {
        var hosted = nodes.node(node).storage().partition(partition);
        if (hosted != null && hosted.leads()) {
          ScrubIndexResponse response =
              call(nodes.node(node), partition, hosted.descriptor().epoch());
          if (response.hasReport() && response.getReport().getIncomplete().isEmpty()) {
            return response.getReport();
          }
        }
      }
      LockSupport.parkNanos(50_000_000);
    }
    throw new AssertionError("partition " + partition + " is not compared");
  }

  private static ScrubIndexResponse call(EmbeddedNode node, long partition, long epoch)
      throws Exception {
    NodeId id = node.storage().id();
    String name = "index-scrub-" + id.value();
    Server server =
        InProcessServerBuilder.forName(name)
            .addService(node.storage().indexService())
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    try {
      return IndexServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .scrub(
              ScrubIndexRequest.newBuilder()
                  .setPartition(PartitionRef.newBuilder().setPartitionId(partition).setEpoch(epoch))
                  .setTableId(tableId(node))
                  .setIndexId(1)
                  .build());
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  /** The only table with rows of a global index. */
  private static int tableId(EmbeddedNode node) {
    return node.storage().all().stream()
        .flatMap(partition -> partition.machine().tables().stream())
        .filter(
            table ->
                node.storage().all().stream()
                    .anyMatch(partition -> partition.machine().indexes(table).contains(1)))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitEqual(DynamoDbClient client) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Set<String> expected = scan(client, null);
    while (!scan(client, "ByTown").equals(expected)) {
      if (System.nanoTime() > deadline) {
        assertThat(scan(client, "ByTown")).isEqualTo(expected);
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static Set<String> scan(DynamoDbClient client, String index) {
    Set<String> rows = new TreeSet<>();
    client
        .scanPaginator(
            ScanRequest.builder()
                .tableName(TABLE)
                .indexName(index)
                .consistentRead(index == null)
                .build())
        .items()
        .forEach(
            item -> {
              if (item.containsKey("town")) {
                rows.add(item.get("pk") + " " + item.get("town") + " " + item.get("note"));
              }
            });
    return rows;
  }
}
