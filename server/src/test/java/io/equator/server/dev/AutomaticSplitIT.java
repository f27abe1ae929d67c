package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.partitioner.SplitRules;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * Partitions are split by themselves, for their size and for their load. The bounds are low, so
 * that a small machine reaches them.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
class AutomaticSplitIT {
  private static final String TABLE = "Busy";
  private static final Duration WITHIN = Duration.ofSeconds(180);
  private static final SplitRules BY_SIZE =
      new SplitRules(200_000, 0, Duration.ZERO, Duration.ZERO, 16);
  private static final SplitRules BY_LOAD =
      new SplitRules(0, 20, Duration.ofSeconds(2), Duration.ofHours(1), 16);

  private final AtomicBoolean stop = new AtomicBoolean();

  @Test
  void aBigPartitionIsSplit() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(DevOptions.inMemory(1), BY_SIZE);
        DynamoDbClient client = Writers.client(cluster.url())) {
      create(client);
      for (int i = 0; i < 350; i++) {
        put(client, "k" + i, "x".repeat(1_000));
      }
      assertThat(awaitSplit(cluster)).contains("bytes");
      for (int i = 0; i < 350; i++) {
        String pk = "k" + i;
        assertThat(
                client
                    .getItem(r -> r.tableName(TABLE).key(Map.of("pk", AttributeValue.fromS(pk))))
                    .hasItem())
            .as(pk)
            .isTrue();
      }
    }
  }

  @Test
  void aBusyPartitionIsSplit() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(DevOptions.inMemory(1), BY_LOAD);
        DynamoDbClient client = Writers.client(cluster.url());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      create(client);
      List<Future<?>> busy = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int number = i;
        busy.add(threads.submit(() -> write(client, number)));
      }
      try {
        assertThat(awaitSplit(cluster)).contains("rows a second");
      } finally {
        stop.set(true);
      }
      for (Future<?> one : busy) {
        one.get();
      }
    }
  }

  private void write(DynamoDbClient client, int number) {
    SplittableRandom random = new SplittableRandom(number);
    while (!stop.get()) {
      put(client, "k" + random.nextInt(10_000), "v");
    }
  }

  /** Waits until a partition has been split; why it was. */
  private static String awaitSplit(EmbeddedCluster cluster) throws InterruptedException {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    String reason = "";
    while (true) {
      int halves = 0;
      for (PartitionDescriptor each : cluster.catalog().partitionDescriptors()) {
        if (each.hasSplit()) {
          reason = each.getSplit().getReason();
        }
        halves += each.getState() == State.SERVING && each.getParentId() != 0 ? 1 : 0;
      }
      if (halves >= 2) {
        return reason;
      }
      assertThat(System.nanoTime()).as("a partition is split by itself").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private static void create(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
    client.waiter().waitUntilTableExists(r -> r.tableName(TABLE));
  }

  private static void put(DynamoDbClient client, String pk, String value) {
    client.putItem(
        r ->
            r.tableName(TABLE)
                .item(Map.of("pk", AttributeValue.fromS(pk), "v", AttributeValue.fromS(value))));
  }
}
