package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.dynamodbv2.streamsadapter.AmazonDynamoDBStreamsAdapterClient;
import com.amazonaws.services.dynamodbv2.streamsadapter.StreamsSchedulerFactory;
import com.amazonaws.services.dynamodbv2.streamsadapter.model.DynamoDBStreamsProcessRecordsInput;
import com.amazonaws.services.dynamodbv2.streamsadapter.polling.DynamoDBStreamsPollingConfig;
import com.amazonaws.services.dynamodbv2.streamsadapter.processor.DynamoDBStreamsShardRecordProcessor;
import io.equator.node.changes.ChangeLimits;
import io.equator.server.Main;
import io.equator.server.observe.ObserveOptions;
import io.equator.server.roles.NodeTuning;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.NullMetricsFactory;

/**
 * An application on the unmodified Kinesis Client Library, with the adapter for DynamoDB Streams:
 * its leases and checkpoints lie in tables of ours, its records come from a stream of ours, whose
 * shards split meanwhile.
 */
class KinesisConsumerIT {
  private static final String TABLE = "Readings";
  private static final int SENSORS = 25;
  private static final int ROUNDS = 4;
  private static final long LIMIT_SECONDS = 300;
  private static final Region REGION = Region.US_EAST_1;
  private static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));

  @TempDir private Path temporary;

  @Test
  void aConsumerThatIsReplacedGetsEveryChangeInOrder() throws Exception {
    String[] arguments = {
      "--port",
      "0",
      "--nodes",
      "3",
      "--partitions",
      "4",
      "--data",
      temporary.resolve("data").toString()
    };
    try (DevProcess process = DevProcess.start(arguments)) {
      String endpoint = process.awaitReady();
      try (DynamoDbClient client = Writers.client(endpoint)) {
        String stream = create(client);
        Seen seen = new Seen();
        write(client, 0);
        write(client, 1);
        try (Consumer _ = new Consumer(endpoint, stream, "first", seen)) {
          seen.await(2);
          split(endpoint);
          write(client, 2);
          seen.await(3);
        }
        write(client, 3);
        try (Consumer _ = new Consumer(endpoint, stream, "second", seen)) {
          seen.await(ROUNDS);
        }
        seen.checkAll();
      }
      assertThat(process.stop()).isLessThan(256);
    }
  }

  @Test
  void aConsumerFollowsShardsThatRotate() throws Exception {
    NodeTuning tuning =
        NodeTuning.sharedDisk()
            .withChanges(ChangeLimits.defaults().withShardRotation(Duration.ofSeconds(15)));
    try (EmbeddedCluster cluster =
            EmbeddedCluster.start(DevOptions.inMemory(1), ObserveOptions.NONE, tuning);
        DynamoDbClient client = Writers.client(cluster.url())) {
      String stream = create(client);
      Seen seen = new Seen();
      try (Consumer consumer = new Consumer(cluster.url(), stream, "only", seen)) {
        for (int round = 0; round < ROUNDS; round++) {
          write(client, round);
          seen.await(round + 1);
          consumer.awaitShards(stream, round + 2);
        }
      }
      seen.checkAll();
    }
  }

  private static String create(DynamoDbClient client) {
    client.createTable(
        t ->
            t.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    AttributeDefinition.builder()
                        .attributeName("sensor")
                        .attributeType(ScalarAttributeType.S)
                        .build())
                .keySchema(
                    KeySchemaElement.builder()
                        .attributeName("sensor")
                        .keyType(KeyType.HASH)
                        .build())
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
    client.waiter().waitUntilTableExists(t -> t.tableName(TABLE)).matched().response();
    return client.describeTable(t -> t.tableName(TABLE)).table().latestStreamArn();
  }

  /** Its shard ends, and has two children. */
  private static void split(String endpoint) {
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine()
            .setErr(new PrintWriter(err))
            .execute("admin", "split", "--partition", "1", "--endpoint-url", endpoint);
    assertThat(code).as(err.toString()).isZero();
  }

  private static void write(DynamoDbClient client, int round) {
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      Map<String, AttributeValue> item =
          Map.of(
              "sensor", AttributeValue.fromS("sensor-" + sensor),
              "round", AttributeValue.fromN(Integer.toString(round)));
      client.putItem(p -> p.tableName(TABLE).item(item));
    }
  }

  /** What arrived, in the order in which it did. */
  private static final class Seen {
    private final BlockingQueue<Record> arrived = new LinkedBlockingQueue<>();
    private final Map<String, List<Integer>> rounds = new HashMap<>();

    void add(Record received) {
      arrived.add(received);
    }

    /** Waits until each sensor has shown this many rounds. */
    void await(int count) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (rounds.size() < SENSORS
          || !rounds.values().stream()
              .allMatch(list -> list.stream().distinct().count() >= count)) {
        @Nullable Record next = arrived.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertThat(next).as("a record, with %s so far", rounds).isNotNull();
        Map<String, AttributeValue> image = next.dynamodb().newImage();
        rounds
            .computeIfAbsent(image.get("sensor").s(), _ -> new ArrayList<>())
            .add(Integer.valueOf(image.get("round").n()));
      }
    }

    /** Each sensor has all its rounds; one that comes again comes with what follows it. */
    void checkAll() {
      assertThat(rounds).hasSize(SENSORS);
      assertThat(rounds)
          .allSatisfy(
              (sensor, list) -> {
                List<Integer> first = list.stream().distinct().toList();
                assertThat(first).as(sensor).containsExactly(0, 1, 2, 3);
              });
    }
  }

  /** One worker of the application. */
  private static final class Consumer implements AutoCloseable {
    private final DynamoDbAsyncClient tables;
    private final CloudWatchAsyncClient metrics;
    private final DynamoDbStreamsClient streams;
    private final Scheduler scheduler;
    private final Thread thread;

    Consumer(String endpoint, String stream, String name, Seen seen) {
      URI uri = URI.create(endpoint);
      tables =
          DynamoDbAsyncClient.builder()
              .endpointOverride(uri)
              .region(REGION)
              .credentialsProvider(CREDENTIALS)
              .httpClientBuilder(NettyNioAsyncHttpClient.builder())
              .build();
      // Named by the library's settings; nothing is ever sent to it.
      metrics =
          CloudWatchAsyncClient.builder()
              .endpointOverride(uri)
              .region(REGION)
              .credentialsProvider(CREDENTIALS)
              .httpClientBuilder(NettyNioAsyncHttpClient.builder())
              .build();
      streams =
          DynamoDbStreamsClient.builder()
              .endpointOverride(uri)
              .region(REGION)
              .credentialsProvider(CREDENTIALS)
              .httpClientBuilder(UrlConnectionHttpClient.builder())
              .build();
      AmazonDynamoDBStreamsAdapterClient adapter =
          new AmazonDynamoDBStreamsAdapterClient(streams, REGION);
      ConfigsBuilder configs =
          new ConfigsBuilder(
              StreamsSchedulerFactory.createSingleStreamTracker(
                  stream,
                  InitialPositionInStreamExtended.newInitialPosition(
                      InitialPositionInStream.TRIM_HORIZON)),
              "readings-application",
              adapter,
              tables,
              metrics,
              name,
              () -> new Processor(seen));
      // Its own times are for fleets: a minute until leases are written, half a minute between
      // reports.
      LeaseManagementConfig leases = configs.leaseManagementConfig();
      leases.shardSyncIntervalMillis(1_000).failoverTimeMillis(3_000);
      leases.workerUtilizationAwareAssignmentConfig().workerMetricsReporterFreqInMillis(1_000);
      scheduler =
          StreamsSchedulerFactory.createScheduler(
              configs.checkpointConfig(),
              configs.coordinatorConfig(),
              leases,
              configs.lifecycleConfig(),
              configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
              configs.processorConfig(),
              configs
                  .retrievalConfig()
                  .retrievalSpecificConfig(new DynamoDBStreamsPollingConfig(stream, adapter)),
              adapter);
      thread = Thread.ofPlatform().name("consumer-" + name).start(scheduler);
    }

    /** Waits until there are so many shards: all but one have been closed. */
    void awaitShards(String stream, int count) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (streams.describeStream(r -> r.streamArn(stream)).streamDescription().shards().size()
          < count) {
        assertThat(System.nanoTime()).as("there are %s shards", count).isLessThan(end);
        Thread.sleep(200);
      }
    }

    @Override
    public void close() {
      try {
        scheduler.startGracefulShutdown().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        throw new IllegalStateException("the consumer does not end", e);
      }
      streams.close();
      metrics.close();
      tables.close();
    }
  }

  private record Processor(Seen seen) implements DynamoDBStreamsShardRecordProcessor {
    @Override
    public void initialize(InitializationInput input) {}

    @Override
    public void processRecords(DynamoDBStreamsProcessRecordsInput input) {
      input.records().forEach(received -> seen.add(received.getRecord()));
      checkpoint(input.checkpointer()::checkpoint);
    }

    @Override
    public void leaseLost(LeaseLostInput input) {}

    @Override
    public void shardEnded(ShardEndedInput input) {
      checkpoint(input.checkpointer()::checkpoint);
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {
      checkpoint(input.checkpointer()::checkpoint);
    }

    private static void checkpoint(Checkpoint checkpoint) {
      try {
        checkpoint.write();
      } catch (ShutdownException | InvalidStateException _) {
        // Another worker has the lease by now and reads these records again.
      }
    }
  }

  private interface Checkpoint {
    void write() throws ShutdownException, InvalidStateException;
  }
}
