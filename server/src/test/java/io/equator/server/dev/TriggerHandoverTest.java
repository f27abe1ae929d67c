package io.equator.server.dev;

import static io.equator.server.dev.TriggerReceiver.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.server.dev.TriggerReceiver.Reply;
import io.equator.server.roles.CoordinatorRole;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.EventSourcePosition;

/** Two coordinators of one cluster: one works on a shard, and when it goes the other one does. */
class TriggerHandoverTest {
  private static final int KEYS = 8;

  @Test
  void oneCoordinatorDeliversAndTheOtherTakesOver() throws Exception {
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.of(2),
            Optional.empty(),
            Optional.empty());
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options);
        TriggerReceiver receiver = new TriggerReceiver(_ -> Reply.OK);
        CoordinatorRole other = cluster.anotherCoordinator("other");
        DynamoDbClient dynamo =
            Writers.client("http://localhost:" + other.http().address().getPort())) {
      Writers.createTable(dynamo);
      dynamo.updateTable(
          r ->
              r.tableName(OwnedItems.TABLE)
                  .streamSpecification(
                      s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
      createMapping(cluster.url(), dynamo, receiver.url("/f"));
      put(dynamo, 1, 10);
      receiver.awaitRecords("/f", 10 * KEYS);
      // Through the first coordinator's way in the mapping came about; now it goes.
      cluster.coordinator().close();
      put(dynamo, 11, 20);
      inOrderAndOnce(receiver.awaitRecords("/f", 20 * KEYS), 20);
    }
  }

  private static void createMapping(String url, DynamoDbClient dynamo, String function) {
    String stream =
        dynamo.describeTable(r -> r.tableName(OwnedItems.TABLE)).table().latestStreamArn();
    try (LambdaClient lambda =
        LambdaClient.builder()
            .endpointOverride(URI.create(url))
            .region(Region.US_WEST_2)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      String uuid =
          lambda
              .createEventSourceMapping(
                  r ->
                      r.eventSourceArn(stream)
                          .functionName(function)
                          .startingPosition(EventSourcePosition.LATEST))
              .uuid();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!lambda.getEventSourceMapping(r -> r.uuid(uuid)).state().equals("Enabled")) {
        assertThat(System.nanoTime()).as("the mapping is enabled").isLessThan(deadline);
      }
    }
  }

  private static void put(DynamoDbClient dynamo, int from, int to) {
    for (int v = from; v <= to; v++) {
      for (int k = 0; k < KEYS; k++) {
        Map<String, AttributeValue> item =
            Map.of(
                "pk", AttributeValue.fromS("key-" + k),
                "sk", AttributeValue.fromN("1"),
                "v", AttributeValue.fromN(Integer.toString(v)));
        dynamo.putItem(r -> r.tableName(OwnedItems.TABLE).item(item));
      }
    }
  }

  /** A coordinator that ends in order gives its shards away with their checkpoints. */
  private static void inOrderAndOnce(List<JsonObject> records, int versions) {
    for (int k = 0; k < KEYS; k++) {
      String key = "key-" + k;
      List<String> expected = new ArrayList<>();
      for (int v = 1; v <= versions; v++) {
        expected.add(Integer.toString(v));
      }
      assertThat(records)
          .filteredOn(r -> text(r, "dynamodb", "Keys", "pk", "S").equals(key))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .isEqualTo(expected);
    }
  }
}
