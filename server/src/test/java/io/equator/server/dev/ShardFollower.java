package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * Reads a stream as a consumer must: every shard from its beginning, parents before children, until
 * their ends. Checks on its way that nothing comes twice, and that sequence numbers grow also from
 * a parent to its child.
 */
public final class ShardFollower implements AutoCloseable {
  private final DynamoDbStreamsClient client;
  private final String arn;
  private final Map<String, Optional<String>> parents = new HashMap<>();
  private final Map<String, String> iterators = new HashMap<>();
  private final Map<String, String> lastNumber = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> eventIds = new HashSet<>();
  private final Map<Map<String, AttributeValue>, List<Record>> histories = new HashMap<>();
  private int records;

  /** Nothing has been read yet. */
  public ShardFollower(String url, String arn) {
    this.arn = arn;
    this.client =
        DynamoDbStreamsClient.builder()
            .endpointOverride(URI.create(url))
            .region(Region.US_WEST_2)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .httpClient(UrlConnectionHttpClient.create())
            .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofSeconds(60)))
            .build();
  }

  /** Reads a page of every shard whose turn it is; true when there was nothing. */
  public boolean step() {
    try {
      look();
      boolean idle = true;
      for (String shard : List.copyOf(parents.keySet())) {
        Optional<String> parent = parents.get(shard);
        boolean turn =
            parent.isEmpty() || !parents.containsKey(parent.get()) || ended.contains(parent.get());
        if (turn && !ended.contains(shard)) {
          idle &= read(shard, parent.orElse(""));
        }
      }
      return idle;
    } catch (SdkException e) {
      return false;
    }
  }

  private void look() {
    String from = null;
    List<Shard> found = new ArrayList<>();
    do {
      String start = from;
      var page =
          client
              .describeStream(r -> r.streamArn(arn).exclusiveStartShardId(start))
              .streamDescription();
      found.addAll(page.shards());
      from = page.lastEvaluatedShardId();
    } while (from != null);
    for (Shard shard : found) {
      parents.put(shard.shardId(), Optional.ofNullable(shard.parentShardId()));
      if (shard.parentShardId() != null) {
        Shard parent =
            found.stream()
                .filter(other -> other.shardId().equals(shard.parentShardId()))
                .findFirst()
                .orElse(null);
        if (parent != null) {
          assertThat(parent.sequenceNumberRange().endingSequenceNumber())
              .as("a shard with children is closed")
              .isNotNull()
              .isLessThan(shard.sequenceNumberRange().startingSequenceNumber());
        }
      }
    }
  }

  private boolean read(String shard, String parent) {
    String iterator = iterators.get(shard);
    if (iterator == null) {
      iterator =
          client
              .getShardIterator(
                  r ->
                      r.streamArn(arn)
                          .shardId(shard)
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
    }
    String at = iterator;
    GetRecordsResponse page = client.getRecords(r -> r.shardIterator(at).limit(500));
    for (Record record : page.records()) {
      assertThat(eventIds.add(record.eventID())).as("a record comes once: %s", record).isTrue();
      String number = record.dynamodb().sequenceNumber();
      String before = lastNumber.getOrDefault(shard, lastNumber.getOrDefault(parent, ""));
      assertThat(number).isGreaterThan(before);
      lastNumber.put(shard, number);
      histories.computeIfAbsent(record.dynamodb().keys(), _ -> new ArrayList<>()).add(record);
      records++;
    }
    if (page.nextShardIterator() == null) {
      ended.add(shard);
      return false;
    }
    iterators.put(shard, page.nextShardIterator());
    return page.records().isEmpty();
  }

  /** Records so far. */
  public int records() {
    return records;
  }

  /** Shards that have been read to their end. */
  public int shardsEnded() {
    return ended.size();
  }

  /**
   * Checks that the records of each item are a chain from nothing to what the table holds: the old
   * image of each is the new image of the one before.
   */
  public void checkAgainst(Map<Map<String, AttributeValue>, Map<String, AttributeValue>> table) {
    for (var history : histories.entrySet()) {
      Map<String, AttributeValue> image = Map.of();
      for (Record record : history.getValue()) {
        assertThat(record.dynamodb().oldImage()).as("%s", history.getKey()).isEqualTo(image);
        image = record.dynamodb().newImage();
      }
      assertThat(table.getOrDefault(history.getKey(), Map.of())).isEqualTo(image);
    }
    assertThat(histories.keySet()).containsAll(table.keySet());
  }

  @Override
  public void close() {
    client.close();
  }
}
