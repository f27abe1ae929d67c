package io.equator.server.dev;

import static io.equator.server.dev.TriggerReceiver.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.server.dev.TriggerReceiver.Call;
import io.equator.server.dev.TriggerReceiver.Reply;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.EventSourcePosition;

/**
 * A process with a trigger is killed again and again while items change and the endpoint fails now
 * and then: every change that was answered is delivered, and those of an item in their order.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
class TriggerKillIT {
  private static final int ROUNDS = Integer.getInteger("equator.kill.rounds", 6);
  private static final int WRITERS = 6;
  private static final int KEYS_PER_WRITER = 5;

  @TempDir private Path temporary;

  private final Semaphore answered = new Semaphore(0);

  /** What was answered of each key. */
  private final Map<String, Set<Long>> written = new ConcurrentHashMap<>();

  /** The newest version of each key that was tried. */
  private final Map<String, AtomicLong> tried = new ConcurrentHashMap<>();

  private final List<Call> delivered = new ArrayList<>();
  private final SplittableRandom failures = new SplittableRandom(5);

  private synchronized Reply answer(Call call) {
    if (failures.nextInt(8) == 0) {
      return Reply.FAILED;
    }
    delivered.add(call);
    return Reply.OK;
  }

  @Test
  void everyChangeIsDeliveredInOrderWhateverIsKilled() throws Exception {
    String[] arguments = {
      "--port", "0", "--partitions", "4", "--data", temporary.resolve("data").toString()
    };
    SplittableRandom random = new SplittableRandom(31);
    try (TriggerReceiver receiver = new TriggerReceiver(this::answer)) {
      for (int round = 0; round < ROUNDS; round++) {
        try (DevProcess process = DevProcess.start(arguments);
            DynamoDbClient client = Writers.client(process.awaitReady())) {
          if (round == 0) {
            create(client, process.awaitReady(), receiver.url("/f"));
          }
          write(client, process, 60 + random.nextInt(200), round % 3 == 2);
        }
      }
      try (DevProcess process = DevProcess.start(arguments)) {
        process.awaitReady();
        receiver.await("/f", _ -> missing().isEmpty());
        check();
        assertThat(process.stop()).isLessThan(256);
      }
    }
  }

  private void create(DynamoDbClient client, String url, String function) {
    Writers.createTable(client);
    client.updateTable(
        r ->
            r.tableName(OwnedItems.TABLE)
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
    String stream =
        client.describeTable(r -> r.tableName(OwnedItems.TABLE)).table().latestStreamArn();
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
                          .batchSize(10)
                          .startingPosition(EventSourcePosition.LATEST))
              .uuid();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!lambda.getEventSourceMapping(r -> r.uuid(uuid)).state().equals("Enabled")) {
        assertThat(System.nanoTime()).as("the mapping is enabled").isLessThan(deadline);
      }
    }
  }

  /** Writes until so many writes were answered, then ends the process. */
  private void write(DynamoDbClient client, DevProcess process, int count, boolean gently)
      throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      answered.drainPermits();
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        var _ = threads.submit(() -> write(client, writer, stop));
      }
      assertThat(answered.tryAcquire(count, 120, TimeUnit.SECONDS)).as("writes go on").isTrue();
      if (gently) {
        assertThat(process.stop()).isLessThan(256);
      } else {
        process.kill();
      }
      stop.set(true);
    }
  }

  private void write(DynamoDbClient client, int writer, AtomicBoolean stop) {
    for (int i = 0; !stop.get(); i++) {
      String key = "key-" + writer + "-" + i % KEYS_PER_WRITER;
      long version = tried.computeIfAbsent(key, _ -> new AtomicLong()).incrementAndGet();
      try {
        client.putItem(
            r ->
                r.tableName(OwnedItems.TABLE)
                    .item(
                        Map.of(
                            "pk", AttributeValue.fromS(key),
                            "sk", AttributeValue.fromN("1"),
                            "v", AttributeValue.fromN(Long.toString(version)))));
        written.computeIfAbsent(key, _ -> new ConcurrentSkipListSet<>()).add(version);
        answered.release();
      } catch (SdkException e) {
        // Perhaps made; the next one is another version.
        continue;
      }
    }
  }

  /** What was answered and is not delivered yet. */
  private Map<String, Set<Long>> missing() {
    Map<String, Set<Long>> missing = new HashMap<>();
    written.forEach((key, versions) -> missing.put(key, new TreeSet<>(versions)));
    synchronized (this) {
      for (Call call : delivered) {
        for (JsonObject record : call.records()) {
          missing.getOrDefault(key(record), new TreeSet<>()).remove(version(record));
        }
      }
    }
    missing.values().removeIf(Set::isEmpty);
    return missing;
  }

  /** No change of a key was delivered before one that was made earlier and answered. */
  private synchronized void check() {
    Map<String, Long> newest = new HashMap<>();
    int again = 0;
    for (Call call : delivered) {
      for (JsonObject record : call.records()) {
        String key = key(record);
        long version = version(record);
        long before = newest.getOrDefault(key, 0L);
        if (version <= before) {
          again++;
          continue;
        }
        assertThat(written.get(key))
            .as("%s: %s was delivered after %s", key, version, before)
            .noneMatch(answered -> answered > before && answered < version);
        newest.put(key, version);
      }
    }
    assertThat(newest).hasSize(WRITERS * KEYS_PER_WRITER);
    System.out.println(delivered.size() + " calls, " + again + " records delivered again");
  }

  private static String key(JsonObject record) {
    return text(record, "dynamodb", "Keys", "pk", "S");
  }

  private static long version(JsonObject record) {
    return Long.parseLong(text(record, "dynamodb", "NewImage", "v", "N"));
  }
}
