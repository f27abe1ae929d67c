package io.equator.server.dev;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** Several writers, each with {@link OwnedItems}, that write until they are stopped. */
public final class Writers {

  /** The table that they write to: pk a string, sk a number. */
  public static final String TABLE = OwnedItems.TABLE;

  static {
    // A request that got no answer must not be sent again behind our back.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private final List<OwnedItems> owned = new ArrayList<>();

  /** A permit for each write that was answered. */
  private final Semaphore answered = new Semaphore(0);

  /** This many, which have written nothing yet. */
  public Writers(int count) {
    for (int i = 0; i < count; i++) {
      owned.add(new OwnedItems(i));
    }
  }

  /** A client that tries each request once. */
  public static DynamoDbClient client(String url) {
    return DynamoDbClient.builder()
        .endpointOverride(URI.create(url))
        .region(Region.US_WEST_2)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(
            c ->
                c.retryStrategy(retry -> retry.maxAttempts(1))
                    .apiCallTimeout(Duration.ofSeconds(60)))
        .build();
  }

  /** The table that they write to. */
  // The SDK takes its builders as an array of generic type.
  @SuppressWarnings("unchecked")
  public static void createTable(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName(OwnedItems.TABLE)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S),
                    a -> a.attributeName("sk").attributeType(ScalarAttributeType.N),
                    a -> a.attributeName("ordered").attributeType(ScalarAttributeType.N))
                .keySchema(
                    k -> k.attributeName("pk").keyType(KeyType.HASH),
                    k -> k.attributeName("sk").keyType(KeyType.RANGE))
                .localSecondaryIndexes(
                    i ->
                        i.indexName("ByOrder")
                            .keySchema(
                                k -> k.attributeName("pk").keyType(KeyType.HASH),
                                k -> k.attributeName("ordered").keyType(KeyType.RANGE))
                            .projection(p -> p.projectionType(ProjectionType.ALL))));
    client.waiter().waitUntilTableExists(r -> r.tableName(OwnedItems.TABLE));
  }

  /** Lets all of them write. */
  public Running start(DynamoDbClient client, boolean goOnAfterUnknown) {
    return new Running(client, goOnAfterUnknown);
  }

  /** Checks every collection. */
  public void check(DynamoDbClient client) {
    owned.forEach(items -> items.check(client));
  }

  /** Writers at work. */
  public final class Running {

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> writers = new ArrayList<>();

    private Running(DynamoDbClient client, boolean goOnAfterUnknown) {
      answered.drainPermits();
      for (OwnedItems items : owned) {
        writers.add(threads.submit(() -> write(client, items, goOnAfterUnknown)));
      }
    }

    private void write(DynamoDbClient client, OwnedItems items, boolean goOnAfterUnknown) {
      while (!stopped.get()) {
        if (items.writeOnce(client)) {
          answered.release();
        } else if (goOnAfterUnknown) {
          checkWhenAnswered(client, items);
        } else {
          return;
        }
      }
    }

    /** What was cut off may be cut off again: by a node that is killed, or has not come back. */
    private static void checkWhenAnswered(DynamoDbClient client, OwnedItems items) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (true) {
        try {
          items.check(client);
          return;
        } catch (SdkException e) {
          if (System.nanoTime() - end > 0) {
            throw e;
          }
        }
      }
    }

    /** Waits for this many more answers. */
    public void awaitAnswers(int count) throws InterruptedException {
      if (!answered.tryAcquire(count, 120, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "only " + answered.availablePermits() + " of " + count + " writes were answered");
      }
    }

    /** Waits until all have ended; a mistake that a writer has noticed is thrown here. */
    public void stop() throws InterruptedException, ExecutionException {
      stopped.set(true);
      threads.shutdown();
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
  }
}
