package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.changes.ChangeLimits;
import io.equator.server.observe.ObserveOptions;
import io.equator.server.roles.NodeTuning;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardFilterType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** Shards are closed after a while, and a reader that follows them misses nothing. */
class ShardRotationIT {
  private static final String TABLE = "Rotated";
  private static final int ROTATIONS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  @Test
  void aReaderGoesOverRotationsWithoutLoss() {
    NodeTuning tuning =
        NodeTuning.sharedDisk()
            .withChanges(ChangeLimits.defaults().withShardRotation(Duration.ofSeconds(1)));
    try (EmbeddedCluster cluster =
            EmbeddedCluster.start(DevOptions.inMemory(1), ObserveOptions.NONE, tuning);
        DynamoDbClient client = Writers.client(cluster.url());
        DynamoDbStreamsClient streams = streams(cluster.url())) {
      create(client);
      String arn = client.describeTable(r -> r.tableName(TABLE)).table().latestStreamArn();
      Map<Map<String, AttributeValue>, Map<String, AttributeValue>> table = new HashMap<>();
      try (ShardFollower follower = new ShardFollower(cluster.url(), arn)) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int written = 0;
        while (follower.shardsEnded() < ROTATIONS || follower.records() < written) {
          assertThat(System.nanoTime())
              .as(
                  "%s shards end, %s of %s records",
                  follower.shardsEnded(), follower.records(), written)
              .isLessThan(deadline);
          if (follower.shardsEnded() < ROTATIONS) {
            write(client, table, written++);
          }
          follower.step();
        }
        follower.checkAgainst(table);
      }
      checkLineage(streams, arn);
    }
  }

  private static void checkLineage(DynamoDbStreamsClient streams, String arn) {
    List<Shard> shards = streams.describeStream(r -> r.streamArn(arn)).streamDescription().shards();
    Map<String, Shard> byId = new HashMap<>();
    shards.forEach(shard -> byId.put(shard.shardId(), shard));
    assertThat(byId).hasSizeGreaterThan(ROTATIONS);
    List<Shard> roots = shards.stream().filter(shard -> shard.parentShardId() == null).toList();
    assertThat(roots).hasSize(1);
    assertThat(byId.keySet())
        .containsAll(
            shards.stream().map(Shard::parentShardId).filter(parent -> parent != null).toList());
    assertThat(shards)
        .filteredOn(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
        .as("open shards")
        .hasSize(1);
    List<Shard> children =
        streams
            .describeStream(
                r ->
                    r.streamArn(arn)
                        .shardFilter(
                            f ->
                                f.type(ShardFilterType.CHILD_SHARDS)
                                    .shardId(roots.getFirst().shardId())))
            .streamDescription()
            .shards();
    assertThat(children)
        .extracting(Shard::parentShardId)
        .containsExactly(roots.getFirst().shardId());
  }

  private static void write(
      DynamoDbClient client,
      Map<Map<String, AttributeValue>, Map<String, AttributeValue>> table,
      int number) {
    Map<String, AttributeValue> key = Map.of("pk", AttributeValue.fromS("item-" + number % 7));
    Map<String, AttributeValue> item = new HashMap<>(key);
    item.put("number", AttributeValue.fromN("" + number));
    client.putItem(r -> r.tableName(TABLE).item(item));
    table.put(key, item);
  }

  @SuppressWarnings("unchecked") // Arrays of consumers, as the SDK wants them.
  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }

  private static DynamoDbStreamsClient streams(String url) {
    return DynamoDbStreamsClient.builder()
        .endpointOverride(URI.create(url))
        .region(Region.US_WEST_2)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }
}
