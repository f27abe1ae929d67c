package io.equator.chaos.work;

import static io.equator.chaos.work.Client.key;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Applications that put items one after the other, and how long each of them takes. */
public final class Pulse implements AutoCloseable {
  private static final String TABLE = "Pulse";
  private static final String FILLING = "x".repeat(4_000);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final DynamoDbClient client;
  private final List<Thread> threads = new ArrayList<>();
  private final List<Long> nanos = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong errors = new AtomicLong();
  private volatile boolean stopped;

  private Pulse(DynamoDbClient client) {
    this.client = client;
  }

  /** Makes the table. */
  public static void createTable(DynamoDbClient client) {
    Client.createTable(client, TABLE);
  }

  /** Puts so many items of 4 kB. */
  public static void fill(DynamoDbClient client, int items) {
    for (int i = 0; i < items; i++) {
      put(client, "filling-" + i);
    }
  }

  /** Starts so many of them. */
  public static Pulse start(DynamoDbClient client, int applications) {
    Pulse pulse = new Pulse(client);
    for (int i = 0; i < applications; i++) {
      String name = "application-" + i + "-";
      pulse.threads.add(Thread.ofVirtual().start(() -> pulse.beat(name)));
    }
    return pulse;
  }

  private void beat(String name) {
    for (int i = 0; !stopped; i++) {
      long begun = System.nanoTime();
      try {
        put(client, name + i % 100);
        nanos.add(System.nanoTime() - begun);
      } catch (SdkException e) {
        errors.incrementAndGet();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static void put(DynamoDbClient client, String pk) {
    Map<String, AttributeValue> item = new HashMap<>(key(pk));
    item.put("filling", AttributeValue.fromS(FILLING));
    client.putItem(r -> r.tableName(TABLE).item(item));
  }

  /** What happens to a cluster. */
  public interface Blow {
    void fall() throws Exception;
  }

  /** Nanoseconds from a blow until a put that began after it is answered. */
  public static long silence(DynamoDbClient client, Blow blow) throws Exception {
    put(client, "silence");
    blow.fall();
    long begun = System.nanoTime();
    Client.persistently(
        () -> {
          put(client, "silence");
          return true;
        });
    return System.nanoTime() - begun;
  }

  /** Ends them. */
  public void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** How many, how long, and how many failed after all retries of the SDK. */
  public String summary() {
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return sorted.isEmpty()
        ? "nothing was answered, " + errors + " errors"
        : "%d puts, p50 %.1f ms, p99 %.1f ms, max %.0f ms, %d errors"
            .formatted(
                sorted.size(),
                sorted.get(sorted.size() / 2) / 1e6,
                sorted.get(sorted.size() * 99 / 100) / 1e6,
                sorted.getLast() / 1e6,
                errors.get());
  }

  @Override
  public void close() {
    stopped = true;
  }
}
