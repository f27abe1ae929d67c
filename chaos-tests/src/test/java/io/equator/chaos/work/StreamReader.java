package io.equator.chaos.work;

import io.equator.chaos.history.ChangesChecker;
import io.equator.chaos.history.ChangesChecker.Change;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * Reads every shard of a table's stream from its beginning, saves how far it has come, and at
 * random loses all that it has not saved, as a worker that crashes. What it reads it keeps for the
 * judge. One thread.
 */
final class StreamReader {
  private static final int CRASHES_ONE_IN = 40;
  private static final int SAVES_ONE_IN = 3;
  private static final int RECORDS = 100;
  private static final Duration ALL_WITHIN = Duration.ofSeconds(90);

  private final DynamoDbStreamsClient streams;
  private final String table;
  private final List<Change> read = new ArrayList<>();

  /** The last sequence number of each shard that was saved, and that was read. */
  private final Map<String, String> saved = new HashMap<>();

  private final Map<String, String> reached = new HashMap<>();
  private final Map<String, String> iterators = new HashMap<>();
  private @Nullable String stream;
  private long crashes;

  StreamReader(String url, String table) {
    this.streams = Client.streams(url);
    this.table = table;
  }

  /** Reads a little of one shard, or crashes. */
  void step(SplittableRandom random) {
    if (random.nextInt(CRASHES_ONE_IN) == 0) {
      crashes++;
      reached.clear();
      reached.putAll(saved);
      iterators.clear();
      return;
    }
    try {
      List<Shard> shards = shards();
      if (!shards.isEmpty()) {
        readSome(shards.get(random.nextInt(shards.size())).shardId());
      }
      if (random.nextInt(SAVES_ONE_IN) == 0) {
        saved.putAll(reached);
      }
    } catch (SdkException e) {
      // An iterator may not be good any more; a new one begins behind what was read.
      iterators.clear();
    }
  }

  private List<Shard> shards() {
    if (stream == null) {
      stream = streams.listStreams(r -> r.tableName(table)).streams().getFirst().streamArn();
    }
    List<Shard> shards = new ArrayList<>();
    String last = null;
    do {
      String from = last;
      DescribeStreamResponse page =
          streams.describeStream(r -> r.streamArn(stream).exclusiveStartShardId(from));
      shards.addAll(page.streamDescription().shards());
      last = page.streamDescription().lastEvaluatedShardId();
    } while (last != null);
    return shards;
  }

  /** How many records came. */
  private int readSome(String shard) {
    String iterator = iterators.get(shard);
    if (iterator == null) {
      String after = reached.get(shard);
      iterator =
          streams
              .getShardIterator(
                  r -> {
                    r.streamArn(stream).shardId(shard);
                    if (after == null) {
                      r.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
                    } else {
                      r.shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                          .sequenceNumber(after);
                    }
                  })
              .shardIterator();
    }
    String from = iterator;
    GetRecordsResponse page = streams.getRecords(r -> r.shardIterator(from).limit(RECORDS));
    for (Record record : page.records()) {
      read.add(
          new Change(
              record.dynamodb().keys().get("pk").s(),
              new BigInteger(record.dynamodb().sequenceNumber()),
              image(record.dynamodb().oldImage()),
              image(record.dynamodb().newImage())));
      reached.put(shard, record.dynamodb().sequenceNumber());
    }
    if (page.nextShardIterator() == null) {
      iterators.remove(shard);
    } else {
      iterators.put(shard, page.nextShardIterator());
    }
    return page.records().size();
  }

  private static String image(Map<String, AttributeValue> item) {
    AttributeValue group = item.get("g");
    return group == null ? "" : group.s();
  }

  /** Reads the rest and judges; records that are late are waited for. */
  List<String> judge(Map<String, String> end) {
    long deadline = System.nanoTime() + ALL_WITHIN.toNanos();
    List<String> violations = List.of("nothing was read");
    while (System.nanoTime() - deadline < 0) {
      iterators.clear();
      Client.persistently(
          () -> {
            for (Shard shard : shards()) {
              while (readSome(shard.shardId()) > 0) {
                // As long as there is more.
              }
            }
            return true;
          });
      violations = ChangesChecker.check(read, new TreeMap<>(end));
      if (violations.isEmpty()) {
        return violations;
      }
    }
    violations = new ArrayList<>(violations);
    violations.addFirst("the reader crashed " + crashes + " times and read " + read.size());
    return violations;
  }
}
