package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.proto.PartitionDescriptor.State;
import io.equator.server.Await;
import io.equator.server.Main;
import io.equator.server.observe.ObserveOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GlobalTableAlreadyExistsException;
import software.amazon.awssdk.services.dynamodb.model.GlobalTableNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.GlobalTableStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ReplicaAlreadyExistsException;
import software.amazon.awssdk.services.dynamodb.model.ReplicaDescription;
import software.amazon.awssdk.services.dynamodb.model.ReplicaNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReplicationGroupUpdate;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** Global tables of both versions through the real SDK, over two regions of one process. */
@SuppressWarnings("unchecked") // The SDK takes its builders as an array of generic type.
class GlobalTablesIT {
  private static final String WEST = "us-west-2";
  private static final String EAST = "us-east-1";

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
                OptionalInt.empty(),
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
  void aTableGetsAReplicaKeepsItOverRestartsAndLosesItAgain() {
    create(west, "Players");
    for (int i = 0; i < 50; i++) {
      put(west, "Players", "early" + i, i);
    }
    west.updateTable(r -> r.tableName("Players").replicaUpdates(adding(EAST)));
    awaitReplica(west, "Players", EAST);
    TableDescription replica = east.describeTable(r -> r.tableName("Players")).table();
    assertThat(replica.tableStatus()).isEqualTo(TableStatus.ACTIVE);
    assertThat(replica.globalTableVersion()).isEqualTo("2019.11.21");
    assertThat(replica.keySchema())
        .isEqualTo(west.describeTable(r -> r.tableName("Players")).table().keySchema());
    assertThat(replica.streamSpecification().streamViewTypeAsString())
        .isEqualTo("NEW_AND_OLD_IMAGES");
    Await.until("what was there has arrived", () -> count(east, "Players") == 50);
    bothWays("Players");

    west.close();
    east.close();
    regions.close();
    start();
    bothWays("Players");

    // A region that is away does not stop the other, and gets what it has missed.
    regions.stop(EAST);
    put(west, "Players", "while-away", 1);
    regions.restart(EAST);
    east.close();
    east = client(EAST);
    Await.until("the missed write arrives", () -> has(east, "Players", "while-away"));

    west.updateTable(
        r ->
            r.tableName("Players")
                .replicaUpdates(
                    ReplicationGroupUpdate.builder().delete(d -> d.regionName(EAST)).build()));
    Await.until("the replica is gone", () -> !exists(east, "Players"));
    Await.until(
        "its region is no member any more",
        () ->
            west.describeTable(r -> r.tableName("Players")).table().replicas().stream()
                .noneMatch(m -> m.regionName().equals(EAST)));
    put(west, "Players", "alone", 1);

    // It may come back, and gets everything again.
    west.updateTable(r -> r.tableName("Players").replicaUpdates(adding(EAST)));
    awaitReplica(west, "Players", EAST);
    Await.until("all items are there", () -> count(east, "Players") == count(west, "Players"));
    bothWays("Players");
  }

  /** What the partition has still to send arrives, and what its halves change comes after it. */
  @Test
  void aPartitionIsSplitAndTheOtherRegionMissesNothing() {
    create(west, "Parted");
    west.updateTable(r -> r.tableName("Parted").replicaUpdates(adding(EAST)));
    awaitReplica(west, "Parted", EAST);
    for (int i = 0; i < 60; i++) {
      put(west, "Parted", "k" + i, i);
    }
    // Changes wait in the log of the partition when it is split.
    regions.stop(EAST);
    for (int i = 0; i < 30; i++) {
      put(west, "Parted", "k" + i, 1_000 + i);
    }
    long partition =
        regions
            .region(WEST)
            .catalog()
            .partitions()
            .rings()
            .iterator()
            .next()
            .partitions()
            .getFirst()
            .id()
            .value();
    int code =
        Main.commandLine()
            .execute(
                "admin",
                "split",
                "--partition",
                Long.toString(partition),
                "--endpoint-url",
                regions.region(WEST).url());
    assertThat(code).isZero();
    Await.until(
        "the partition is split",
        () ->
            regions.region(WEST).catalog().partitionDescriptors().stream()
                    .filter(
                        each -> each.getParentId() == partition && each.getState() == State.SERVING)
                    .count()
                == 2);
    for (int i = 20; i < 50; i++) {
      put(west, "Parted", "k" + i, 2_000 + i);
    }
    west.deleteItem(r -> r.tableName("Parted").key(key("k5")));
    regions.restart(EAST);
    east.close();
    east = client(EAST);
    Await.until("the deletion arrives", () -> !has(east, "Parted", "k5"));
    Await.until("the last write arrives", () -> value(east, "Parted", "k49") == 2_049);
    for (int i = 0; i < 60; i++) {
      int wanted = i >= 20 && i < 50 ? 2_000 + i : i < 30 ? 1_000 + i : i;
      String id = "k" + i;
      if (i != 5) {
        Await.until(id + " is " + wanted, () -> value(east, "Parted", id) == wanted);
      }
    }
    bothWays("Parted");
  }

  @Test
  void settingsThatReplicasShareFollow() {
    create(west, "Shared");
    west.updateTable(r -> r.tableName("Shared").replicaUpdates(adding(EAST)));
    awaitReplica(west, "Shared", EAST);
    // The other way round, so that it is not the first region that counts.
    east.updateTimeToLive(
        r ->
            r.tableName("Shared")
                .timeToLiveSpecification(s -> s.enabled(true).attributeName("expires")));
    Await.until(
        "time to live follows",
        () ->
            "expires"
                .equals(
                    west.describeTimeToLive(r -> r.tableName("Shared"))
                        .timeToLiveDescription()
                        .attributeName()));
    east.updateTable(
        r ->
            r.tableName("Shared")
                .attributeDefinitions(
                    AttributeDefinition.builder()
                        .attributeName("name")
                        .attributeType(ScalarAttributeType.S)
                        .build())
                .globalSecondaryIndexUpdates(
                    u ->
                        u.create(
                            c ->
                                c.indexName("byName")
                                    .keySchema(
                                        KeySchemaElement.builder()
                                            .attributeName("name")
                                            .keyType(KeyType.HASH)
                                            .build())
                                    .projection(p -> p.projectionType(ProjectionType.ALL)))));
    Await.until(
        "the index follows",
        () ->
            west.describeTable(r -> r.tableName("Shared")).table().globalSecondaryIndexes().stream()
                .anyMatch(i -> i.indexStatusAsString().equals("ACTIVE")));
    Await.until(
        "it is settled",
        () ->
            west.describeTable(r -> r.tableName("Shared")).table().tableStatus()
                == TableStatus.ACTIVE);
    refused(
        () ->
            west.updateTable(
                r -> r.tableName("Shared").streamSpecification(s -> s.streamEnabled(false))),
        "the stream of a table with replicas cannot be disabled");
  }

  @Test
  void whatCannotBeAReplicaIsRefused() {
    create(west, "Alone");
    refused(
        () -> west.updateTable(r -> r.tableName("Alone").replicaUpdates(adding(WEST))),
        "Cannot add or delete the local region through ReplicaUpdates.");
    refused(
        () -> west.updateTable(r -> r.tableName("Alone").replicaUpdates(adding("mars-north-1"))),
        "Region mars-north-1 is not supported. The latest version of global tables are only"
            + " supported in the following regions: [us-east-1, us-west-2]");
    refused(
        () ->
            west.updateTable(
                r -> r.tableName("Alone").replicaUpdates(ReplicationGroupUpdate.builder().build())),
        "There are no actions specified in the Replica Update Action of the request.");
    refused(
        () ->
            west.updateTable(r -> r.tableName("Alone").replicaUpdates(adding(EAST), adding(WEST))),
        "Update table operation with more than one create or delete replica actions not allowed");
    refused(
        () ->
            west.updateTable(
                r ->
                    r.tableName("Alone")
                        .replicaUpdates(
                            ReplicationGroupUpdate.builder()
                                .delete(d -> d.regionName(EAST))
                                .build())),
        "Please retry the request without these replicas: [us-east-1].");
    refused(
        () ->
            west.updateTable(
                r ->
                    r.tableName("Alone")
                        .multiRegionConsistency("STRONG")
                        .replicaUpdates(adding(EAST))),
        "strong multi-Region consistency");
    create(east, "Alone");
    refused(
        () -> west.updateTable(r -> r.tableName("Alone").replicaUpdates(adding(EAST))),
        "because one or more replicas already existed as tables.");
    west.createTable(
        r ->
            r.tableName("NoStream")
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(d -> d.attributeName("id").attributeType("S"))
                .keySchema(k -> k.attributeName("id").keyType(KeyType.HASH)));
    awaitActive(west, "NoStream");
    refused(
        () -> west.updateTable(r -> r.tableName("NoStream").replicaUpdates(adding(EAST))),
        "NEW_AND_OLD_IMAGES");
  }

  @Test
  void aGlobalTableOfTheOldVersionIsMadeOfEqualEmptyTables() {
    assertThatThrownBy(() -> west.describeGlobalTable(r -> r.globalTableName("Carts")))
        .isInstanceOf(GlobalTableNotFoundException.class);
    create(west, "Carts");
    assertThatThrownBy(this::createGlobalCarts).isInstanceOf(TableNotFoundException.class);
    create(east, "Carts");
    put(east, "Carts", "in-the-way", 1);
    refused(this::createGlobalCarts, "must be empty");
    east.deleteItem(r -> r.tableName("Carts").key(key("in-the-way")));
    // Sizes are told as they were up to two seconds ago.
    Await.until("the table is seen to be empty", this::createsGlobalCarts);
    Await.until("it is active", () -> globalStatus() == GlobalTableStatus.ACTIVE);
    assertThatThrownBy(this::createGlobalCarts)
        .isInstanceOf(GlobalTableAlreadyExistsException.class);
    assertThat(east.listGlobalTables(r -> r.regionName(WEST)).globalTables())
        .extracting(t -> t.globalTableName())
        .containsExactly("Carts");
    bothWays("Carts");
    versionsAreShown();

    assertThat(
            west.updateGlobalTableSettings(
                    r ->
                        r.globalTableName("Carts")
                            .globalTableBillingMode(BillingMode.PROVISIONED)
                            .globalTableProvisionedWriteCapacityUnits(7L))
                .replicaSettings())
        .hasSize(2);
    Await.until(
        "capacity follows",
        () ->
            east.describeTable(r -> r.tableName("Carts"))
                    .table()
                    .provisionedThroughput()
                    .writeCapacityUnits()
                == 7);

    assertThatThrownBy(
            () ->
                west.updateGlobalTable(
                    r ->
                        r.globalTableName("Carts")
                            .replicaUpdates(u -> u.create(c -> c.regionName(EAST)))))
        .isInstanceOf(ReplicaAlreadyExistsException.class);
    west.updateGlobalTable(
        r -> r.globalTableName("Carts").replicaUpdates(u -> u.delete(d -> d.regionName(EAST))));
    Await.until(
        "the region has left",
        () ->
            west.describeGlobalTable(r -> r.globalTableName("Carts"))
                    .globalTableDescription()
                    .replicationGroup()
                    .size()
                == 1);
    assertThatThrownBy(
            () ->
                west.updateGlobalTable(
                    r ->
                        r.globalTableName("Carts")
                            .replicaUpdates(u -> u.delete(d -> d.regionName(EAST)))))
        .isInstanceOf(ReplicaNotFoundException.class);
    // Its table stays, and is its own.
    put(east, "Carts", "own", 1);
    assertThat(has(east, "Carts", "own")).isTrue();
    Await.until(
        "its items show no versions any more",
        () -> !item(east, "Carts", "own").containsKey("aws:rep:updateregion"));
  }

  /** When and where an item was written, of a table of the old version; whatever clients write. */
  private void versionsAreShown() {
    put(west, "Carts", "shown", 1);
    Await.until("it arrives", () -> has(east, "Carts", "shown"));
    Map<String, AttributeValue> here = item(west, "Carts", "shown");
    assertThat(here)
        .containsOnlyKeys(
            "id", "v", "aws:rep:deleting", "aws:rep:updatetime", "aws:rep:updateregion");
    assertThat(here.get("aws:rep:deleting").bool()).isFalse();
    assertThat(here.get("aws:rep:updateregion").s()).isEqualTo(WEST);
    assertThat(Double.parseDouble(here.get("aws:rep:updatetime").n())).isGreaterThan(1e9);
    assertThat(item(east, "Carts", "shown")).isEqualTo(here);
    Map<String, String> names = Map.of("#r", "aws:rep:updateregion");
    assertThat(
            east.query(
                    r ->
                        r.tableName("Carts")
                            .keyConditionExpression("id = :id")
                            .filterExpression("#r = :west")
                            .projectionExpression("#r")
                            .expressionAttributeNames(names)
                            .expressionAttributeValues(
                                Map.of(
                                    ":id", AttributeValue.fromS("shown"),
                                    ":west", AttributeValue.fromS(WEST))))
                .items())
        .containsExactly(Map.of("aws:rep:updateregion", AttributeValue.fromS(WEST)));
    assertThat(east.scan(r -> r.tableName("Carts").consistentRead(true)).items()).contains(here);
    assertThat(
            east.transactGetItems(
                    r -> r.transactItems(i -> i.get(g -> g.tableName("Carts").key(key("shown")))))
                .responses()
                .getFirst()
                .item())
        .isEqualTo(here);
    assertThat(imageInStream("shown")).isEqualTo(here);
    // Read, and put back elsewhere.
    east.putItem(r -> r.tableName("Carts").item(here));
    Map<String, AttributeValue> there = item(east, "Carts", "shown");
    assertThat(there.get("aws:rep:updateregion").s()).isEqualTo(EAST);
    assertThat(there).hasSize(5);
    Await.until("it arrives", () -> item(west, "Carts", "shown").equals(there));
  }

  /** The first new image of an item in the stream of the west. */
  private Map<String, AttributeValue> imageInStream(String id) {
    try (DynamoDbStreamsClient streams =
        DynamoDbStreamsClient.builder()
            .endpointOverride(URI.create(regions.region(WEST).url()))
            .region(Region.of(WEST))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      String arn = west.describeTable(r -> r.tableName("Carts")).table().latestStreamArn();
      for (Shard shard :
          streams.describeStream(r -> r.streamArn(arn)).streamDescription().shards()) {
        String iterator =
            streams
                .getShardIterator(
                    r ->
                        r.streamArn(arn)
                            .shardId(shard.shardId())
                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
        for (Record record : streams.getRecords(r -> r.shardIterator(iterator)).records()) {
          if (record.dynamodb().keys().equals(key(id))) {
            return record.dynamodb().newImage();
          }
        }
      }
    }
    throw new AssertionError("no record of " + id);
  }

  private static Map<String, AttributeValue> item(DynamoDbClient client, String table, String id) {
    return client.getItem(r -> r.tableName(table).key(key(id)).consistentRead(true)).item();
  }

  private void createGlobalCarts() {
    west.createGlobalTable(
        r ->
            r.globalTableName("Carts")
                .replicationGroup(g -> g.regionName(WEST), g -> g.regionName(EAST)));
  }

  private boolean createsGlobalCarts() {
    try {
      createGlobalCarts();
      return true;
    } catch (DynamoDbException _) {
      return false;
    }
  }

  private GlobalTableStatus globalStatus() {
    return east.describeGlobalTable(r -> r.globalTableName("Carts"))
        .globalTableDescription()
        .globalTableStatus();
  }

  /** The last writer wins on both sides, and deletions travel. */
  private void bothWays(String table) {
    put(west, table, "from-west", 1);
    put(east, table, "from-east", 1);
    Await.until("a write reaches the east", () -> has(east, table, "from-west"));
    Await.until("a write reaches the west", () -> has(west, table, "from-east"));
    for (int i = 0; i < 20; i++) {
      put(i % 2 == 0 ? west : east, table, "contested", i);
    }
    Await.until(
        "both hold the last write",
        () -> value(west, table, "contested") == 19 && value(east, table, "contested") == 19);
    east.deleteItem(r -> r.tableName(table).key(key("from-west")));
    Await.until("a deletion travels", () -> !has(west, table, "from-west"));
    west.deleteItem(r -> r.tableName(table).key(key("from-east")));
    Await.until("the other one too", () -> !has(east, table, "from-east"));
  }

  private static ReplicationGroupUpdate adding(String region) {
    return ReplicationGroupUpdate.builder().create(c -> c.regionName(region)).build();
  }

  private static void refused(Runnable call, String words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(DynamoDbException.class)
        .hasMessageContaining(words)
        .satisfies(
            e ->
                assertThat(((DynamoDbException) e).awsErrorDetails().errorCode())
                    .isEqualTo("ValidationException"));
  }

  private static void create(DynamoDbClient client, String table) {
    client.createTable(
        r ->
            r.tableName(table)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(d -> d.attributeName("id").attributeType("S"))
                .keySchema(k -> k.attributeName("id").keyType(KeyType.HASH))
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    awaitActive(client, table);
  }

  private static void awaitActive(DynamoDbClient client, String table) {
    Await.until(
        table + " is active",
        () ->
            client.describeTable(r -> r.tableName(table)).table().tableStatus()
                == TableStatus.ACTIVE);
  }

  private static void awaitReplica(DynamoDbClient client, String table, String region) {
    Await.until(
        "the replica in " + region + " is active",
        () -> {
          TableDescription description = client.describeTable(r -> r.tableName(table)).table();
          Map<String, String> states =
              description.replicas().stream()
                  .collect(
                      Collectors.toMap(
                          ReplicaDescription::regionName,
                          ReplicaDescription::replicaStatusAsString));
          return "ACTIVE".equals(states.get(region))
              && description.tableStatus() == TableStatus.ACTIVE;
        });
  }

  private static Map<String, AttributeValue> key(String id) {
    return Map.of("id", AttributeValue.fromS(id));
  }

  private static void put(DynamoDbClient client, String table, String id, int value) {
    Map<String, AttributeValue> item = new HashMap<>(key(id));
    item.put("v", AttributeValue.fromN(Integer.toString(value)));
    client.putItem(r -> r.tableName(table).item(item));
  }

  private static boolean has(DynamoDbClient client, String table, String id) {
    return client.getItem(r -> r.tableName(table).key(key(id)).consistentRead(true)).hasItem();
  }

  private static int value(DynamoDbClient client, String table, String id) {
    return Integer.parseInt(
        client
            .getItem(r -> r.tableName(table).key(key(id)).consistentRead(true))
            .item()
            .get("v")
            .n());
  }

  private static int count(DynamoDbClient client, String table) {
    return client.scan(r -> r.tableName(table).consistentRead(true)).count();
  }

  private static boolean exists(DynamoDbClient client, String table) {
    try {
      client.describeTable(r -> r.tableName(table));
      return true;
    } catch (ResourceNotFoundException _) {
      return false;
    }
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
