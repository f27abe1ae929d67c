package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.changes.ChangeLimits;
import io.equator.server.observe.ObserveOptions;
import io.equator.server.roles.NodeTuning;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TrimmedDataAccessException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** A stream that keeps more bytes than it may lets its oldest records go, and readers see that. */
class StreamBoundIT {
  private static final String TABLE = "Logged";
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int KEPT_BYTES = 20_000;

  private int written;

  @Test
  void aReaderThatIsTooFarBehindIsToldAndOneThatBeginsAnewReadsWhatIsThere() {
    NodeTuning tuning =
        NodeTuning.sharedDisk().withChanges(new ChangeLimits(0, Duration.ZERO, KEPT_BYTES));
    try (EmbeddedCluster cluster =
            EmbeddedCluster.start(DevOptions.inMemory(1), ObserveOptions.NONE, tuning);
        DynamoDbClient client = Writers.client(cluster.url());
        DynamoDbStreamsClient streams = streams(cluster.url())) {
      create(client);
      String stream = client.describeTable(r -> r.tableName(TABLE)).table().latestStreamArn();
      write(client);
      String behind = iterator(streams, stream, ShardIteratorType.TRIM_HORIZON);

      until(client, () -> isTrimmed(streams, behind));

      String again = iterator(streams, stream, ShardIteratorType.TRIM_HORIZON);
      List<Record> records = streams.getRecords(r -> r.shardIterator(again)).records();
      assertThat(records).isNotEmpty();
      assertThat(records.getFirst().dynamodb().keys().get("pk").s()).isNotEqualTo("item-0");
      assertThat(cluster.embeddedNodes().node(1).storage().statistics().streamRecordsGoneEarly())
          .isPositive();
    }
  }

  private interface Check {
    boolean holds();
  }

  private void until(DynamoDbClient client, Check check) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!check.holds()) {
      assertThat(System.nanoTime()).as("the oldest record goes").isLessThan(deadline);
      write(client);
    }
  }

  private void write(DynamoDbClient client) {
    String key = "item-" + written++;
    client.putItem(
        r ->
            r.tableName(TABLE)
                .item(
                    Map.of(
                        "pk", AttributeValue.fromS(key),
                        "text", AttributeValue.fromS("x".repeat(1_000)))));
  }

  private static boolean isTrimmed(DynamoDbStreamsClient streams, String iterator) {
    try {
      streams.getRecords(r -> r.shardIterator(iterator).limit(1));
      return false;
    } catch (TrimmedDataAccessException e) {
      return true;
    }
  }

  private static String iterator(
      DynamoDbStreamsClient streams, String stream, ShardIteratorType type) {
    String shard =
        streams
            .describeStream(r -> r.streamArn(stream))
            .streamDescription()
            .shards()
            .getFirst()
            .shardId();
    return streams
        .getShardIterator(r -> r.streamArn(stream).shardId(shard).shardIteratorType(type))
        .shardIterator();
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

  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    AttributeDefinition.builder()
                        .attributeName("pk")
                        .attributeType(ScalarAttributeType.S)
                        .build())
                .keySchema(
                    KeySchemaElement.builder().attributeName("pk").keyType(KeyType.HASH).build())
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }
}
