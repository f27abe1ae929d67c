package io.equator.server.dev;

import static io.equator.server.dev.TriggerReceiver.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.server.dev.TriggerReceiver.Call;
import io.equator.server.dev.TriggerReceiver.Reply;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CreateEventSourceMappingRequest;
import software.amazon.awssdk.services.lambda.model.CreateEventSourceMappingResponse;
import software.amazon.awssdk.services.lambda.model.EventSourceMappingConfiguration;
import software.amazon.awssdk.services.lambda.model.EventSourcePosition;
import software.amazon.awssdk.services.lambda.model.FunctionResponseType;
import software.amazon.awssdk.services.lambda.model.GetEventSourceMappingResponse;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.LambdaException;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;

/**
 * Triggers through the SDK's own Lambda client: what a mapping's endpoint receives from a table
 * that changes, when it answers well and when it does not.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TriggerTest {
  private static final int PARTITIONS = 4;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private EmbeddedCluster cluster;
  private DynamoDbClient dynamo;
  private LambdaClient lambda;
  private HttpClient http;

  @BeforeAll
  void start() {
    cluster =
        EmbeddedCluster.start(
            new DevOptions(
                "localhost",
                0,
                Optional.empty(),
                OptionalInt.of(1),
                OptionalInt.of(PARTITIONS),
                Optional.empty(),
                Optional.empty()));
    dynamo = Writers.client(cluster.url());
    lambda =
        LambdaClient.builder()
            .endpointOverride(URI.create(cluster.url()))
            .region(Region.US_WEST_2)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .httpClient(UrlConnectionHttpClient.create())
            .overrideConfiguration(c -> c.retryStrategy(retry -> retry.maxAttempts(1)))
            .build();
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  void stop() {
    http.close();
    lambda.close();
    dynamo.close();
    cluster.close();
  }

  // ---- means

  private record Table(String name, String stream) {}

  private Table table() {
    return table(StreamViewType.NEW_AND_OLD_IMAGES);
  }

  private Table table(StreamViewType view) {
    String name = "Triggered." + UUID.randomUUID();
    dynamo.createTable(
        r ->
            r.tableName(name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH))
                .streamSpecification(s -> s.streamEnabled(true).streamViewType(view)));
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    TableDescription made = dynamo.describeTable(r -> r.tableName(name)).table();
    while (made.tableStatus() != TableStatus.ACTIVE) {
      assertThat(System.nanoTime()).as("the table becomes active").isLessThan(deadline);
      made = dynamo.describeTable(r -> r.tableName(name)).table();
    }
    return new Table(name, made.latestStreamArn());
  }

  private void put(Table table, String key, long value) {
    dynamo.putItem(
        r ->
            r.tableName(table.name())
                .item(
                    Map.of(
                        "pk",
                        AttributeValue.fromS(key),
                        "v",
                        AttributeValue.fromN(Long.toString(value)))));
  }

  private static TriggerReceiver receiver(Function<Call, Reply> answers) throws IOException {
    return new TriggerReceiver(answers);
  }

  /** Creates a mapping from the start of a stream and waits until it is enabled. */
  private String mapping(
      Table table, String url, Consumer<CreateEventSourceMappingRequest.Builder> more) {
    String uuid =
        lambda
            .createEventSourceMapping(
                r -> {
                  r.eventSourceArn(table.stream())
                      .functionName(url)
                      .startingPosition(EventSourcePosition.TRIM_HORIZON);
                  more.accept(r);
                })
            .uuid();
    awaitState(uuid, "Enabled");
    return uuid;
  }

  private GetEventSourceMappingResponse awaitState(String uuid, String state) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      GetEventSourceMappingResponse found = lambda.getEventSourceMapping(r -> r.uuid(uuid));
      if (found.state().equals(state)) {
        return found;
      }
      assertThat(System.nanoTime()).as("%s becomes %s", found, state).isLessThan(deadline);
    }
  }

  private void awaitGone(String uuid) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    try {
      while (true) {
        lambda.getEventSourceMapping(r -> r.uuid(uuid));
        assertThat(System.nanoTime()).as("the mapping goes").isLessThan(deadline);
      }
    } catch (ResourceNotFoundException e) {
      assertThat(e.awsErrorDetails().errorMessage())
          .isEqualTo("The resource you requested does not exist.");
      assertThat(e.statusCode()).isEqualTo(404);
    }
  }

  private HttpResponse<String> function(String method, String name, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(cluster.url() + "/equator/functions/" + name))
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260101/us-west-2/lambda/aws4_request,"
                    + " SignedHeaders=host, Signature=00")
            .header("X-Amz-Date", "20260101T000000Z")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  // ---- the records

  @Test
  void anEndpointReceivesWhatALambdaFunctionDoes() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(table, receiver.url("/f"), r -> {});
      put(table, "a", 1);
      put(table, "a", 2);
      dynamo.deleteItem(
          r -> r.tableName(table.name()).key(Map.of("pk", AttributeValue.fromS("a"))));
      List<JsonObject> records = receiver.awaitRecords("/f", 3);
      assertThat(records).hasSize(3);
      assertThat(records)
          .extracting(r -> text(r, "eventName"))
          .containsExactly("INSERT", "MODIFY", "REMOVE");
      JsonObject modify = records.get(1);
      assertThat(modify.members().keySet())
          .containsExactly(
              "eventID",
              "eventName",
              "eventVersion",
              "eventSource",
              "awsRegion",
              "dynamodb",
              "eventSourceARN");
      assertThat(text(modify, "eventID")).hasSize(32);
      assertThat(text(modify, "eventVersion")).isEqualTo("1.1");
      assertThat(text(modify, "eventSource")).isEqualTo("aws:dynamodb");
      assertThat(text(modify, "awsRegion")).isEqualTo("us-west-2");
      assertThat(text(modify, "eventSourceARN")).isEqualTo(table.stream());
      assertThat(text(modify, "dynamodb", "Keys", "pk", "S")).isEqualTo("a");
      assertThat(text(modify, "dynamodb", "OldImage", "v", "N")).isEqualTo("1");
      assertThat(text(modify, "dynamodb", "NewImage", "v", "N")).isEqualTo("2");
      assertThat(text(modify, "dynamodb", "StreamViewType")).isEqualTo("NEW_AND_OLD_IMAGES");
      assertThat(Long.parseLong(text(modify, "dynamodb", "SizeBytes"))).isPositive();
      assertThat(Double.parseDouble(text(modify, "dynamodb", "ApproximateCreationDateTime")))
          .isBetween(
              System.currentTimeMillis() / 1000.0 - 600, System.currentTimeMillis() / 1000.0 + 1);
      assertThat(records)
          .extracting(r -> new BigInteger(text(r, "dynamodb", "SequenceNumber")))
          .isSorted()
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void anExpiredItemSaysWhoDeletedIt() throws Exception {
    Table table = table(StreamViewType.KEYS_ONLY);
    dynamo.updateTimeToLive(
        r ->
            r.tableName(table.name())
                .timeToLiveSpecification(s -> s.enabled(true).attributeName("v")));
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(
          table,
          receiver.url("/f"),
          r ->
              r.filterCriteria(
                  c ->
                      c.filters(
                          f ->
                              f.pattern(
                                  "{\"userIdentity\":{\"type\":[\"Service\"],\"principalId\":"
                                      + "[\"dynamodb.amazonaws.com\"]}}"))));
      put(table, "a", System.currentTimeMillis() / 1000 - 60);
      JsonObject removed = receiver.awaitRecords("/f", 1).getFirst();
      assertThat(text(removed, "eventName")).isEqualTo("REMOVE");
      assertThat(text(removed, "dynamodb", "Keys", "pk", "S")).isEqualTo("a");
    }
  }

  @Test
  void theChangesOfAnItemComeInOrderFromEveryShard() throws Exception {
    Table table = table();
    int keys = 20;
    int changes = 15;
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(table, receiver.url("/f"), r -> r.batchSize(7));
      for (int v = 1; v <= changes; v++) {
        for (int k = 0; k < keys; k++) {
          put(table, "key-" + k, v);
        }
      }
      List<JsonObject> records = receiver.awaitRecords("/f", keys * changes);
      assertThat(receiver.calls("/f")).allMatch(call -> call.records().size() <= 7);
      inOrderAndComplete(records, keys, changes);
    }
  }

  private static void inOrderAndComplete(List<JsonObject> records, int keys, int changes) {
    Map<String, List<String>> byKey = new HashMap<>();
    for (JsonObject record : records) {
      byKey
          .computeIfAbsent(text(record, "dynamodb", "Keys", "pk", "S"), _ -> new ArrayList<>())
          .add(text(record, "dynamodb", "NewImage", "v", "N"));
    }
    List<String> expected = new ArrayList<>();
    for (int v = 1; v <= changes; v++) {
      expected.add(Integer.toString(v));
    }
    assertThat(byKey).hasSize(keys).allSatisfy((_, seen) -> assertThat(seen).isEqualTo(expected));
  }

  @Test
  void batchesOfOneShardRunAtATimeAndEachItemStaysInOrder() throws Exception {
    Table table = table();
    // More calls than there are shards wait for one another, so some shard has two.
    CountDownLatch atATime = new CountDownLatch(PARTITIONS + 1);
    try (TriggerReceiver receiver =
        receiver(
            _ -> {
              atATime.countDown();
              try {
                return atATime.await(30, TimeUnit.SECONDS) ? Reply.OK : Reply.FAILED;
              } catch (InterruptedException e) {
                return Reply.FAILED;
              }
            })) {
      int keys = 60;
      for (int v = 1; v <= 3; v++) {
        for (int k = 0; k < keys; k++) {
          put(table, "key-" + k, v);
        }
      }
      mapping(table, receiver.url("/f"), r -> r.parallelizationFactor(4).batchSize(100));
      inOrderAndComplete(receiver.awaitRecords("/f", keys * 3), keys, 3);
    }
  }

  @Test
  void aWindowGathersAFullBatch() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(table, receiver.url("/f"), r -> r.batchSize(5).maximumBatchingWindowInSeconds(300));
      for (int v = 1; v <= 5; v++) {
        put(table, "a", v);
      }
      List<Call> calls = receiver.await("/f", seen -> !seen.isEmpty());
      assertThat(calls).hasSize(1);
      assertThat(calls.getFirst().values()).containsExactly("1", "2", "3", "4", "5");
    }
  }

  @Test
  void aCallHasAtMostSixMegabytes() throws Exception {
    Table table = table();
    int changes = 20;
    for (int v = 1; v <= changes; v++) {
      String value = Integer.toString(v);
      dynamo.putItem(
          r ->
              r.tableName(table.name())
                  .item(
                      Map.of(
                          "pk", AttributeValue.fromS("a"),
                          "v", AttributeValue.fromN(value),
                          "x", AttributeValue.fromS("x".repeat(350_000)))));
    }
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(table, receiver.url("/f"), r -> {});
      inOrderAndComplete(receiver.awaitRecords("/f", changes), 1, changes);
      // Each but the first has two images.
      assertThat(receiver.calls("/f")).allMatch(call -> call.bytes() <= 6 * 1024 * 1024);
      assertThat(receiver.calls("/f")).anyMatch(call -> call.bytes() > 5 * 1024 * 1024);
    }
  }

  @Test
  void onlyWhatAFilterLetsPassIsDelivered() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(
          table,
          receiver.url("/f"),
          r ->
              r.filterCriteria(
                  c ->
                      c.filters(
                          f ->
                              f.pattern(
                                  "{\"eventName\":[\"INSERT\"],\"dynamodb\":{\"Keys\":{\"pk\":"
                                      + "{\"S\":[{\"prefix\":\"wanted-\"}]}}}}"),
                          f ->
                              f.pattern(
                                  "{\"dynamodb\":{\"NewImage\":{\"v\":{\"N\":[\"99\"]}}}}"))));
      put(table, "other-1", 1);
      put(table, "wanted-1", 2);
      put(table, "wanted-1", 3);
      put(table, "other-1", 99);
      put(table, "wanted-2", 4);
      receiver.awaitRecords("/f", 3);
      put(table, "wanted-1", 99);
      assertThat(receiver.awaitRecords("/f", 4))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .containsExactlyInAnyOrder("2", "99", "4", "99");
    }
  }

  @Test
  void latestBeginsWithWhatComesAfterTheMappingIsEnabled() throws Exception {
    Table table = table();
    put(table, "a", 1);
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      mapping(table, receiver.url("/f"), r -> r.startingPosition(EventSourcePosition.LATEST));
      put(table, "a", 2);
      assertThat(receiver.awaitRecords("/f", 1))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .containsExactly("2");
    }
  }

  // ---- failures

  @Test
  void cutsIsolateAPoisonedRecordAndTheDestinationIsTold() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver =
        receiver(
            call ->
                call.path().equals("/f") && call.values().contains("5")
                    ? Reply.FAILED
                    : Reply.OK)) {
      for (int v = 1; v <= 10; v++) {
        put(table, "a", v);
      }
      String uuid =
          mapping(
              table,
              receiver.url("/f"),
              r ->
                  r.bisectBatchOnFunctionError(true)
                      .maximumRetryAttempts(1)
                      .destinationConfig(
                          d -> d.onFailure(f -> f.destination(receiver.url("/failed")))));
      JsonObject told = receiver.await("/failed", seen -> !seen.isEmpty()).getFirst().body();
      receiver.await(
          "/f",
          seen ->
              seen.stream().anyMatch(c -> c.values().contains("10") && !c.values().contains("5")));
      List<String> delivered = new ArrayList<>();
      String poisoned = "";
      for (Call call : receiver.calls("/f")) {
        if (!call.values().contains("5")) {
          delivered.addAll(call.values());
        } else if (call.values().size() == 1) {
          poisoned = text(call.records().getFirst(), "dynamodb", "SequenceNumber");
        }
      }
      assertThat(delivered).containsExactly("1", "2", "3", "4", "6", "7", "8", "9", "10");
      assertThat(told.members().keySet())
          .containsExactly(
              "requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo");
      assertThat(text(told, "requestContext", "condition")).isEqualTo("RetryAttemptsExhausted");
      assertThat(text(told, "requestContext", "functionArn")).isEqualTo(receiver.url("/f"));
      assertThat(text(told, "responseContext", "statusCode")).isEqualTo("500");
      assertThat(text(told, "version")).isEqualTo("1.0");
      assertThat(text(told, "DDBStreamBatchInfo", "batchSize")).isEqualTo("1");
      assertThat(text(told, "DDBStreamBatchInfo", "startSequenceNumber")).isEqualTo(poisoned);
      assertThat(text(told, "DDBStreamBatchInfo", "endSequenceNumber")).isEqualTo(poisoned);
      assertThat(text(told, "DDBStreamBatchInfo", "streamArn")).isEqualTo(table.stream());
      assertThat(text(told, "DDBStreamBatchInfo", "shardId")).startsWith("shardId-");
      assertThat(receiver.calls("/failed")).hasSize(1);
      awaitResult(uuid, "OK");
    }
  }

  private void awaitResult(String uuid, String result) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!lambda.getEventSourceMapping(r -> r.uuid(uuid)).lastProcessingResult().equals(result)) {
      assertThat(System.nanoTime()).as("the result is told").isLessThan(deadline);
    }
  }

  @Test
  void aFailedBatchIsSentAgainUntilItSucceedsAndNothingOvertakesIt() throws Exception {
    Table table = table();
    int[] failures = new int[1];
    try (TriggerReceiver receiver = receiver(_ -> failures[0]++ < 3 ? Reply.FAILED : Reply.OK)) {
      put(table, "a", 1);
      put(table, "a", 2);
      mapping(table, receiver.url("/f"), r -> r.batchSize(1));
      List<Call> calls = receiver.await("/f", seen -> seen.size() == 5);
      assertThat(calls.stream().flatMap(call -> call.values().stream()))
          .containsExactly("1", "1", "1", "1", "2");
    }
  }

  @Test
  void afterItsRetriesABatchIsGivenUpAndTheNextOneComes() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver =
        receiver(call -> call.values().contains("1") ? Reply.FAILED : Reply.OK)) {
      put(table, "a", 1);
      put(table, "a", 2);
      mapping(table, receiver.url("/f"), r -> r.batchSize(1).maximumRetryAttempts(2));
      List<Call> calls = receiver.await("/f", seen -> seen.size() == 4);
      assertThat(calls.stream().flatMap(call -> call.values().stream()))
          .containsExactly("1", "1", "1", "2");
    }
  }

  @Test
  void recordsBeforeTheFirstReportedFailureAreNotSentAgain() throws Exception {
    Table table = table();
    boolean[] failed = new boolean[1];
    try (TriggerReceiver receiver =
        receiver(
            call -> {
              if (failed[0]) {
                return Reply.OK;
              }
              failed[0] = true;
              String third = text(call.records().get(2), "dynamodb", "SequenceNumber");
              return new Reply(
                  200, "{\"batchItemFailures\":[{\"itemIdentifier\":\"" + third + "\"}]}");
            })) {
      for (int v = 1; v <= 5; v++) {
        put(table, "a", v);
      }
      mapping(
          table,
          receiver.url("/f"),
          r -> r.functionResponseTypes(FunctionResponseType.REPORT_BATCH_ITEM_FAILURES));
      List<Call> calls = receiver.await("/f", seen -> seen.size() == 2);
      assertThat(calls.get(0).values()).containsExactly("1", "2", "3", "4", "5");
      assertThat(calls.get(1).values()).containsExactly("3", "4", "5");
    }
  }

  // ---- managing

  @Test
  void aMappingIsShownAsLambdaShowsIt() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      assertThat(
              function("PUT", "Orders", "{\"Url\":\"" + receiver.url("/orders") + "\"}")
                  .statusCode())
          .isEqualTo(200);
      CreateEventSourceMappingResponse made =
          lambda.createEventSourceMapping(
              r ->
                  r.eventSourceArn(table.stream())
                      .functionName("Orders")
                      .startingPosition(EventSourcePosition.LATEST));
      String functionArn = "arn:aws:lambda:us-west-2:000000000000:function:Orders";
      assertThat(made.state()).isEqualTo("Creating");
      assertThat(made.uuid()).hasSize(36);
      assertThat(made.functionArn()).isEqualTo(functionArn);
      assertThat(made.eventSourceArn()).isEqualTo(table.stream());
      assertThat(made.startingPosition()).isEqualTo(EventSourcePosition.LATEST);
      assertThat(made.batchSize()).isEqualTo(100);
      assertThat(made.maximumBatchingWindowInSeconds()).isZero();
      assertThat(made.parallelizationFactor()).isEqualTo(1);
      assertThat(made.maximumRetryAttempts()).isEqualTo(-1);
      assertThat(made.maximumRecordAgeInSeconds()).isEqualTo(-1);
      assertThat(made.bisectBatchOnFunctionError()).isFalse();
      assertThat(made.tumblingWindowInSeconds()).isZero();
      assertThat(made.functionResponseTypes()).isEmpty();
      assertThat(made.lastProcessingResult()).isEqualTo("No records processed");
      assertThat(made.stateTransitionReason()).isEqualTo("User action");
      assertThat(made.lastModified()).isNotNull();
      assertThat(made.eventSourceMappingArn())
          .isEqualTo("arn:aws:lambda:us-west-2:000000000000:event-source-mapping:" + made.uuid());
      awaitState(made.uuid(), "Enabled");
      assertThatThrownBy(
              () ->
                  lambda.createEventSourceMapping(
                      r ->
                          r.eventSourceArn(table.stream())
                              .functionName(functionArn)
                              .startingPosition(EventSourcePosition.LATEST)))
          .isInstanceOf(ResourceConflictException.class)
          .hasMessageContaining(made.uuid());
      assertThat(
              lambda
                  .listEventSourceMappings(
                      r -> r.eventSourceArn(table.stream()).functionName("Orders"))
                  .eventSourceMappings())
          .extracting(EventSourceMappingConfiguration::uuid)
          .containsExactly(made.uuid());
      assertThat(lambda.updateEventSourceMapping(r -> r.uuid(made.uuid()).batchSize(3)).state())
          .isEqualTo("Updating");
      assertThat(awaitState(made.uuid(), "Enabled").batchSize()).isEqualTo(3);
      put(table, "a", 1);
      receiver.awaitRecords("/orders", 1);
      HttpResponse<String> used = function("DELETE", "Orders", "");
      assertThat(used.statusCode()).isEqualTo(409);
      assertThat(used.body()).contains("is named by the event source mapping " + made.uuid());
      assertThat(lambda.deleteEventSourceMapping(r -> r.uuid(made.uuid())).state())
          .isEqualTo("Deleting");
      awaitGone(made.uuid());
      assertThat(function("DELETE", "Orders", "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aDisabledMappingGoesOnWhereItWasWhenItIsEnabledAgain() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      String uuid = mapping(table, receiver.url("/f"), r -> {});
      put(table, "a", 1);
      receiver.awaitRecords("/f", 1);
      assertThat(lambda.updateEventSourceMapping(r -> r.uuid(uuid).enabled(false)).state())
          .isEqualTo("Disabling");
      awaitState(uuid, "Disabled");
      put(table, "a", 2);
      assertThat(lambda.updateEventSourceMapping(r -> r.uuid(uuid).enabled(true)).state())
          .isEqualTo("Enabling");
      awaitState(uuid, "Enabled");
      put(table, "a", 3);
      assertThat(receiver.awaitRecords("/f", 3))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .containsExactly("1", "2", "3");
    }
  }

  @Test
  void aMappingMayBeMadeDisabled() throws Exception {
    Table table = table();
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      String uuid =
          lambda
              .createEventSourceMapping(
                  r ->
                      r.eventSourceArn(table.stream())
                          .functionName(receiver.url("/f"))
                          .enabled(false)
                          .startingPosition(EventSourcePosition.TRIM_HORIZON))
              .uuid();
      awaitState(uuid, "Disabled");
      put(table, "a", 1);
      lambda.updateEventSourceMapping(r -> r.uuid(uuid).enabled(true));
      assertThat(receiver.awaitRecords("/f", 1)).hasSize(1);
    }
  }

  @Test
  void theStreamOfADeletedTableIsDeliveredAndItsMappingCanBeDeleted() throws Exception {
    Table table = table();
    put(table, "a", 1);
    dynamo.deleteTable(r -> r.tableName(table.name()));
    dynamo.waiter().waitUntilTableNotExists(r -> r.tableName(table.name()));
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      String uuid = mapping(table, receiver.url("/f"), r -> {});
      assertThat(receiver.awaitRecords("/f", 1))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .containsExactly("1");
      awaitResult(uuid, "OK");
      lambda.deleteEventSourceMapping(r -> r.uuid(uuid));
      awaitGone(uuid);
    }
  }

  @Test
  void aStreamThatIsSwitchedOffIsDeliveredToItsEnd() throws Exception {
    Table table = table();
    for (int v = 1; v <= 5; v++) {
      put(table, "a", v);
    }
    dynamo.updateTable(
        r -> r.tableName(table.name()).streamSpecification(s -> s.streamEnabled(false)));
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      String uuid =
          mapping(
              table, receiver.url("/f"), r -> r.batchSize(10).maximumBatchingWindowInSeconds(300));
      assertThat(receiver.awaitRecords("/f", 5))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .containsExactly("1", "2", "3", "4", "5");
      awaitResult(uuid, "OK");
    }
  }

  @Test
  void anEndpointThatIsAwayGetsEverythingWhenItComesBack() throws Exception {
    Table table = table();
    String uuid;
    String path = "/f";
    int port;
    try (TriggerReceiver gone = receiver(_ -> Reply.OK)) {
      port = URI.create(gone.url("/")).getPort();
    }
    function("PUT", "Away", "{\"Url\":\"http://localhost:" + port + "/\"}");
    uuid = mapping(table, "Away", r -> {});
    put(table, "a", 1);
    put(table, "a", 2);
    awaitResult(uuid, "PROBLEM: Function call failed");
    try (TriggerReceiver receiver = receiver(_ -> Reply.OK)) {
      function("PUT", "Away", "{\"Url\":\"" + receiver.url(path) + "\"}");
      assertThat(receiver.awaitRecords(path, 2))
          .extracting(r -> text(r, "dynamodb", "NewImage", "v", "N"))
          .containsExactly("1", "2");
    }
  }

  @Test
  void mappingsAreListedInPages() throws Exception {
    Table table = table();
    Set<String> made = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 3; i++) {
      String url = "http://localhost:1/" + i;
      made.add(mapping(table, url, r -> {}));
    }
    List<String> found = new ArrayList<>();
    lambda
        .listEventSourceMappingsPaginator(r -> r.eventSourceArn(table.stream()).maxItems(1))
        .eventSourceMappings()
        .forEach(m -> found.add(m.uuid()));
    assertThat(found).containsExactlyInAnyOrderElementsOf(made);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          batch 0        | ValidationException            | 1 validation error detected: Value '0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1
          batch 10001    | ValidationException            | 1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: Member must have value less than or equal to 10000
          window 301     | ValidationException            | 1 validation error detected: Value '301' at 'maximumBatchingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 300
          parallel 11    | ValidationException            | 1 validation error detected: Value '11' at 'parallelizationFactor' failed to satisfy constraint: Member must have value less than or equal to 10
          retries -2     | ValidationException            | 1 validation error detected: Value '-2' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value greater than or equal to -1
          age 59         | InvalidParameterValueException | MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.
          tumbling 10    | InvalidParameterValueException | TumblingWindowInSeconds must be 0: windows that keep state between calls are not supported.
          filter {}      | InvalidParameterValueException | Invalid filter pattern definition.
          position AT_TIMESTAMP | InvalidParameterValueException | Unsupported starting position for arn type: dynamodb.
          source arn:aws:sqs:us-west-2:000000000000:q | InvalidParameterValueException | Unrecognized event source.
          function Nobody | InvalidParameterValueException | Function does not exist
          failure arn:aws:sqs:us-west-2:000000000000:q | InvalidParameterValueException | The destination arn:aws:sqs:us-west-2:000000000000:q cannot be used: name an http or https URL. Queues, topics and buckets of AWS are not reachable from here.
          topics t       | InvalidParameterValueException | Unsupported parameter: Topics cannot be used with a DynamoDB stream here.
          """)
  void whatCannotBeIsRefused(String change, String error, String message) {
    Table table = refusedTable();
    String what = change.substring(0, change.indexOf(' '));
    String value = change.substring(change.indexOf(' ') + 1);
    assertThatThrownBy(
            () ->
                lambda.createEventSourceMapping(
                    r -> {
                      r.eventSourceArn(table.stream())
                          .functionName("http://localhost:1/")
                          .startingPosition(EventSourcePosition.LATEST);
                      change(r, what, value);
                    }))
        .isInstanceOfSatisfying(
            LambdaException.class,
            e -> {
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo(error);
              assertThat(e.awsErrorDetails().errorMessage()).isEqualTo(message);
              assertThat(e.statusCode()).isEqualTo(400);
            });
  }

  private Table refusedTable;

  private Table refusedTable() {
    if (refusedTable == null) {
      refusedTable = table();
    }
    return refusedTable;
  }

  private static void change(
      CreateEventSourceMappingRequest.Builder request, String what, String value) {
    switch (what) {
      case "batch" -> request.batchSize(Integer.valueOf(value));
      case "window" -> request.maximumBatchingWindowInSeconds(Integer.valueOf(value));
      case "parallel" -> request.parallelizationFactor(Integer.valueOf(value));
      case "retries" -> request.maximumRetryAttempts(Integer.valueOf(value));
      case "age" -> request.maximumRecordAgeInSeconds(Integer.valueOf(value));
      case "tumbling" -> request.tumblingWindowInSeconds(Integer.valueOf(value));
      case "filter" -> request.filterCriteria(c -> c.filters(f -> f.pattern(value)));
      case "position" -> request.startingPosition(value);
      case "source" -> request.eventSourceArn(value);
      case "function" -> request.functionName(value);
      case "failure" -> request.destinationConfig(d -> d.onFailure(f -> f.destination(value)));
      case "topics" -> request.topics(value);
      default -> throw new IllegalArgumentException(what);
    }
  }

  @Test
  void whatIsNotThereIsNotFound() {
    Table table = refusedTable();
    assertThatThrownBy(
            () ->
                lambda.createEventSourceMapping(
                    r ->
                        r.eventSourceArn(table.stream() + "9")
                            .functionName("http://localhost:1/")
                            .startingPosition(EventSourcePosition.LATEST)))
        .isInstanceOf(InvalidParameterValueException.class)
        .hasMessageContaining("Stream not found: " + table.stream() + "9");
    String uuid = UUID.randomUUID().toString();
    assertThatThrownBy(() -> lambda.getEventSourceMapping(r -> r.uuid(uuid)))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> lambda.updateEventSourceMapping(r -> r.uuid(uuid)))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> lambda.deleteEventSourceMapping(r -> r.uuid(uuid)))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void aFunctionIsAnHttpUrl() throws Exception {
    HttpResponse<String> refused = function("PUT", "F", "{\"Url\":\"file:///etc/passwd\"}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.headers().firstValue("x-amzn-ErrorType"))
        .contains("InvalidParameterValueException");
    assertThat(function("PUT", "F", "{}").statusCode()).isEqualTo(400);
    assertThat(function("PUT", "F", "{").statusCode()).isEqualTo(400);
    assertThat(function("PATCH", "F", "").statusCode()).isEqualTo(404);
  }

  @Test
  void anUnsignedRequestIsRefused() throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(cluster.url() + "/2015-03-31/event-source-mappings/"))
                .timeout(Duration.ofSeconds(30))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("Request is missing Authentication Token");
  }
}
