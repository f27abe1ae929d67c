package io.equator.server.contract;

import static io.equator.server.contract.Contract.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamStatus;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** DynamoDB Streams through the SDK's own client. */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
interface StreamContract extends Contract {
  DynamoDbStreamsClient streams();

  private String table(StreamViewType view) {
    String name = "Contract.Streamed." + UUID.randomUUID();
    create(
        Contract.plain(name).toBuilder()
            .streamSpecification(s -> s.streamEnabled(true).streamViewType(view))
            .build());
    return name;
  }

  private String arn(String table) {
    return dynamo().describeTable(r -> r.tableName(table)).table().latestStreamArn();
  }

  private List<Shard> shards(String arn) {
    List<Shard> shards = new ArrayList<>();
    String after = null;
    do {
      String start = after;
      DescribeStreamResponse page =
          streams().describeStream(r -> r.streamArn(arn).exclusiveStartShardId(start).limit(2));
      shards.addAll(page.streamDescription().shards());
      after = page.streamDescription().lastEvaluatedShardId();
    } while (after != null);
    return shards;
  }

  private String iterator(String arn, Shard shard, ShardIteratorType type, String number) {
    return streams()
        .getShardIterator(
            r ->
                r.streamArn(arn)
                    .shardId(shard.shardId())
                    .shardIteratorType(type)
                    .sequenceNumber(number))
        .shardIterator();
  }

  /** What is in a shard from an iterator on, until there is nothing more for now. */
  private List<Record> read(String iterator) {
    List<Record> records = new ArrayList<>();
    String next = iterator;
    while (next != null) {
      String now = next;
      GetRecordsResponse page = streams().getRecords(r -> r.shardIterator(now).limit(2));
      records.addAll(page.records());
      next = page.records().isEmpty() ? null : page.nextShardIterator();
    }
    return records;
  }

  /** What is in all shards of a stream now. */
  default List<Record> all(String arn) {
    List<Record> records = new ArrayList<>();
    for (Shard shard : shards(arn)) {
      records.addAll(read(iterator(arn, shard, ShardIteratorType.TRIM_HORIZON, null)));
    }
    return records;
  }

  @Test
  default void eachChangeOfAnItemIsShownOnceInOrderWithItsImages() {
    String table = table(StreamViewType.NEW_AND_OLD_IMAGES);
    put(table, "pk", "a", "v", 1);
    put(table, "pk", "a", "v", 2);
    put(table, "pk", "a", "v", 2);
    dynamo().deleteItem(r -> r.tableName(table).key(item("pk", "a")));
    dynamo().deleteItem(r -> r.tableName(table).key(item("pk", "a")));
    List<Record> records = all(arn(table));
    assertThat(records)
        .extracting(Record::eventName)
        .containsExactly(OperationType.INSERT, OperationType.MODIFY, OperationType.REMOVE);
    assertThat(records.get(1).dynamodb().oldImage()).isEqualTo(item("pk", "a", "v", 1));
    assertThat(records.get(1).dynamodb().newImage()).isEqualTo(item("pk", "a", "v", 2));
    assertThat(records.get(2).dynamodb().hasNewImage()).isFalse();
    assertThat(records).allMatch(r -> r.dynamodb().keys().equals(item("pk", "a")));
    assertThat(records)
        .extracting(r -> new BigInteger(r.dynamodb().sequenceNumber()))
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  default void aReaderGoesOnBehindASequenceNumberAndLatestSeesOnlyWhatComes() {
    String table = table(StreamViewType.KEYS_ONLY);
    String arn = arn(table);
    put(table, "pk", "a", "v", 1);
    put(table, "pk", "a", "v", 2);
    put(table, "pk", "a", "v", 3);
    Shard shard =
        shards(arn).stream()
            .filter(s -> !read(iterator(arn, s, ShardIteratorType.TRIM_HORIZON, null)).isEmpty())
            .findFirst()
            .orElseThrow();
    List<Record> three = read(iterator(arn, shard, ShardIteratorType.TRIM_HORIZON, null));
    assertThat(three).hasSize(3).allMatch(r -> !r.dynamodb().hasNewImage());
    String second = three.get(1).dynamodb().sequenceNumber();
    assertThat(read(iterator(arn, shard, ShardIteratorType.AT_SEQUENCE_NUMBER, second)))
        .isEqualTo(three.subList(1, 3));
    assertThat(read(iterator(arn, shard, ShardIteratorType.AFTER_SEQUENCE_NUMBER, second)))
        .isEqualTo(three.subList(2, 3));
    String latest = iterator(arn, shard, ShardIteratorType.LATEST, null);
    assertThat(read(latest)).isEmpty();
    put(table, "pk", "a", "v", 4);
    assertThat(read(latest)).hasSize(1);
  }

  @Test
  default void aPageHasAtMostOneMegabyte() {
    String table = table(StreamViewType.NEW_AND_OLD_IMAGES);
    String arn = arn(table);
    for (String letter : List.of("a", "b", "c", "d")) {
      put(table, "pk", "a", "v", letter.repeat(390_000));
    }
    List<String> seen = new ArrayList<>();
    for (Shard shard : shards(arn)) {
      String next = iterator(arn, shard, ShardIteratorType.TRIM_HORIZON, null);
      while (next != null) {
        String now = next;
        GetRecordsResponse page = streams().getRecords(r -> r.shardIterator(now));
        assertThat(page.records().stream().mapToLong(r -> r.dynamodb().sizeBytes()).sum())
            .isLessThanOrEqualTo(1 << 20);
        page.records().forEach(r -> seen.add(r.dynamodb().newImage().get("v").s().substring(0, 1)));
        next = page.records().isEmpty() ? null : page.nextShardIterator();
      }
    }
    assertThat(seen).containsExactly("a", "b", "c", "d");
  }

  @Test
  default void aStreamThatIsSwitchedOffCanBeReadToItsEndAndTheNextHasAnotherName() {
    String table = table(StreamViewType.NEW_IMAGE);
    String first = arn(table);
    put(table, "pk", "a", "v", 1);
    dynamo().updateTable(r -> r.tableName(table).streamSpecification(s -> s.streamEnabled(false)));
    dynamo().waiter().waitUntilTableExists(r -> r.tableName(table));
    put(table, "pk", "a", "v", 2);
    awaitStatus(first, StreamStatus.DISABLED);
    assertThat(all(first)).hasSize(1);
    for (Shard shard : shards(first)) {
      assertThat(shard.sequenceNumberRange().endingSequenceNumber()).isNotNull();
      awaitEnd(iterator(first, shard, ShardIteratorType.TRIM_HORIZON, null));
    }
    dynamo()
        .updateTable(
            r ->
                r.tableName(table)
                    .streamSpecification(
                        s -> s.streamEnabled(true).streamViewType(StreamViewType.OLD_IMAGE)));
    dynamo().waiter().waitUntilTableExists(r -> r.tableName(table));
    String second = arn(table);
    assertThat(second).isNotEqualTo(first);
    awaitStatus(second, StreamStatus.ENABLED);
    put(table, "pk", "a", "v", 3);
    assertThat(all(second)).hasSize(1);
    assertThat(all(second).getFirst().dynamodb().oldImage()).isEqualTo(item("pk", "a", "v", 2));
    assertThat(all(first)).hasSize(1);
    assertThat(streams().listStreams(r -> r.tableName(table)).streams())
        .extracting(s -> s.streamArn())
        .containsExactlyInAnyOrder(first, second);
  }

  @Test
  default void theStreamOfADeletedTableCanBeReadToItsEndAlsoWhenTheNameIsInUseAgain() {
    String table = table(StreamViewType.NEW_IMAGE);
    String first = arn(table);
    put(table, "pk", "a", "v", 1);
    put(table, "pk", "b", "v", 2);
    delete(table);
    create(
        Contract.plain(table).toBuilder()
            .streamSpecification(
                s -> s.streamEnabled(true).streamViewType(StreamViewType.KEYS_ONLY))
            .build());
    put(table, "pk", "c", "v", 3);
    awaitStatus(first, StreamStatus.DISABLED);
    assertThat(streams().describeStream(r -> r.streamArn(first)).streamDescription().tableName())
        .isEqualTo(table);
    assertThat(all(first))
        .extracting(r -> r.dynamodb().newImage())
        .containsExactlyInAnyOrder(item("pk", "a", "v", 1), item("pk", "b", "v", 2));
    for (Shard shard : shards(first)) {
      awaitEnd(iterator(first, shard, ShardIteratorType.TRIM_HORIZON, null));
    }
    String second = arn(table);
    assertThat(all(second)).hasSize(1);
    assertThat(streams().listStreams(r -> r.tableName(table)).streams())
        .extracting(s -> s.streamArn())
        .containsExactlyInAnyOrder(first, second);
  }

  private void delete(String table) {
    dynamo().deleteTable(r -> r.tableName(table));
    dynamo().waiter().waitUntilTableNotExists(r -> r.tableName(table));
  }

  /** A stream that was switched is soon as it should be, and says until then that it is not. */
  private void awaitStatus(String arn, StreamStatus wanted) {
    StreamStatus before =
        wanted == StreamStatus.ENABLED ? StreamStatus.ENABLING : StreamStatus.DISABLING;
    long deadline = System.nanoTime() + 60_000_000_000L;
    StreamStatus now = before;
    while (now != wanted) {
      assertThat(now).isEqualTo(before);
      assertThat(System.nanoTime()).as("the stream is %s", wanted).isLessThan(deadline);
      now = streams().describeStream(r -> r.streamArn(arn)).streamDescription().streamStatus();
    }
  }

  /** A closed shard comes to an end. */
  private void awaitEnd(String iterator) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    String next = iterator;
    while (next != null) {
      assertThat(System.nanoTime()).as("the shard ends").isLessThan(deadline);
      String now = next;
      next = streams().getRecords(r -> r.shardIterator(now)).nextShardIterator();
    }
  }

  @Test
  default void whatIsNotAStreamIsNotFound() {
    String table = table(StreamViewType.NEW_IMAGE);
    String arn = arn(table);
    assertThatThrownBy(() -> streams().describeStream(r -> r.streamArn(arn + "x")))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Requested resource not found: Stream: " + arn + "x not found");
    assertThatThrownBy(() -> streams().getRecords(r -> r.shardIterator("abc")))
        .hasMessageContaining("Invalid ShardIterator");
  }
}
