package io.equator.coordinator.fake;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.GetRequest;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.WriteRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Limits of counts and sizes, pages over many partitions, and batches of which a part cannot be
 * done.
 */
class LargeRequestsTest {
  private static final Pattern PK = Pattern.compile("\\{'pk':\\{'S':'([^']*)'}");
  private static final Pattern LAST_KEY = Pattern.compile("'LastEvaluatedKey':(\\{.*?}})");

  private final DataPlane plane = new DataPlane(5);

  @AfterEach
  void close() {
    plane.close();
  }

  private static String list(int count, IntFunction<String> element) {
    return IntStream.range(0, count).mapToObj(element).collect(Collectors.joining(",", "[", "]"));
  }

  private static String put(String key, int size) {
    return "{'PutRequest':{'Item':{'pk':{'S':'"
        + key
        + "'},'v':{'S':'"
        + "y".repeat(size)
        + "'}}}}";
  }

  private void fill(int count, int size) {
    for (int i = 0; i < count; i += 25) {
      int first = i;
      assertThat(
              plane.call(
                  "BatchWriteItem",
                  "{'RequestItems':{'hash':"
                      + list(Math.min(25, count - i), k -> put("k" + (first + k), size))
                      + "}}"))
          .isEqualTo("{'UnprocessedItems':{}}");
    }
  }

  private static List<String> keys(String answer) {
    List<String> keys = new ArrayList<>();
    Matcher matcher = PK.matcher(answer.replaceAll("'LastEvaluatedKey':.*", ""));
    while (matcher.find()) {
      keys.add(matcher.group(1));
    }
    return keys;
  }

  /** Scans to the end; the keys found, each once. */
  private Set<String> scan(String members) {
    Set<String> found = new HashSet<>();
    String start = "";
    while (true) {
      String answer = plane.call("Scan", "{'TableName':'hash'" + members + start + "}");
      for (String key : keys(answer)) {
        assertThat(found.add(key)).as(key).isTrue();
      }
      Matcher last = LAST_KEY.matcher(answer);
      if (!last.find()) {
        return found;
      }
      start = ",'ExclusiveStartKey':" + last.group(1);
    }
  }

  @Test
  void aScanFindsEachItemOnceWhateverItsPagesAndSegments() {
    fill(60, 10);
    for (int limit : new int[] {1, 2, 7, 59, 60, 61}) {
      assertThat(scan(",'Limit':" + limit)).as("limit %d", limit).hasSize(60);
    }
    for (int total : new int[] {1, 2, 3, 7, 64}) {
      Set<String> all = new HashSet<>();
      for (int segment = 0; segment < total; segment++) {
        Set<String> part = scan(",'Limit':3,'Segment':" + segment + ",'TotalSegments':" + total);
        for (String key : part) {
          assertThat(all.add(key)).as("%s in two segments", key).isTrue();
        }
      }
      assertThat(all).as("%d segments", total).hasSize(60);
    }
  }

  @Test
  void aPageEndsWithTheItemThatReachesOneMegabyteAcrossPartitions() {
    fill(30, 100_000);
    String answer = plane.call("Scan", "{'TableName':'hash','ReturnConsumedCapacity':'TOTAL'}");
    assertThat(keys(answer)).hasSize(11);
    assertThat(answer).contains("'ScannedCount':11", "'LastEvaluatedKey'", "'CapacityUnits':134.5");
    assertThat(scan("")).hasSize(30);
  }

  @Test
  void anEmptyPartitionIsPassedOver() {
    plane.call("PutItem", "{'TableName':'hash','Item':{'pk':{'S':'only'}}}");
    plane.node().clear();
    plane.call("PutItem", "{'TableName':'hash','Item':{'pk':{'S':'only'}}}");
    assertThat(scan("")).containsExactly("only");
    assertThat(plane.node().requests()).filteredOn(ReadPageRequest.class::isInstance).hasSize(5);
  }

  @Test
  void aBatchIsOneCallPerPartition() {
    fill(25, 10);
    assertThat(plane.node().requests()).hasSize(5).allMatch(WriteRequest.class::isInstance);
    plane.node().requests().clear();
    String answer =
        plane.call(
            "BatchGetItem",
            "{'RequestItems':{'hash':{'Keys':"
                + list(100, i -> "{'pk':{'S':'k" + i + "'}}")
                + "}}}");
    assertThat(keys(answer)).hasSize(25);
    assertThat(plane.node().requests()).hasSize(5).allMatch(GetRequest.class::isInstance);
  }

  @Test
  void thirtyTwoLevelsAreAllowedAndNoMore() {
    assertThat(plane.call("PutItem", nested(31))).isEqualTo("{}");
    assertThat(plane.call("PutItem", nested(32)))
        .isEqualTo(
            "ValidationException: Nesting Levels have exceeded supported limits: Attributes in the"
                + " item have nested levels beyond supported limit");
  }

  private static String nested(int maps) {
    return "{'TableName':'hash','Item':{'pk':{'S':'deep'},'m':"
        + "{'M':{'m':".repeat(maps)
        + "{'S':'scalar'}"
        + "}}".repeat(maps)
        + "}}";
  }

  @Test
  void tooManyInOneTableAndTooManyOverSeveralHaveTheirOwnWords() {
    String keys51 = list(51, i -> "{'pk':{'S':'k" + i + "'}}");
    assertThat(
            plane.call(
                "BatchGetItem",
                "{'RequestItems':{'hash':{'Keys':"
                    + list(101, i -> "{'pk':{'S':'k" + i + "'}}")
                    + "}}}"))
        .isEqualTo(
            "ValidationException: 1 validation error detected: Value at"
                + " 'RequestItems.hash.member.Keys' failed to satisfy constraint: Member must have"
                + " length less than or equal to 100");
    assertThat(
            plane.call(
                "BatchGetItem",
                "{'RequestItems':{'hash':{'Keys':" + keys51 + "},'pair':{'Keys':" + keys51 + "}}}"))
        .isEqualTo("ValidationException: Too many items requested for the BatchGetItem call");
    assertThat(
            plane.call(
                "BatchWriteItem",
                "{'RequestItems':{'hash':" + list(26, i -> put("k" + i, 1)) + "}}"))
        .startsWith("ValidationException: 1 validation error detected: Value '{hash=[WriteRequest(")
        .endsWith(
            ")]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy"
                + " constraint: [Member must have length less than or equal to 25, Member must have"
                + " length greater than or equal to 1]");
    String puts13 = list(13, i -> put("k" + i, 1));
    assertThat(
            plane.call(
                "BatchWriteItem", "{'RequestItems':{'hash':" + puts13 + ",'pair':" + puts13 + "}}"))
        .isEqualTo("ValidationException: Too many items requested for the BatchWriteItem call");
    assertThat(plane.node().requests()).isEmpty();
  }

  @Test
  void whatAnOverloadedPartitionRefusesComesBackUnprocessed() {
    plane.node().overload(2);
    String answer =
        plane.call(
            "BatchWriteItem",
            "{'RequestItems':{'hash':"
                + list(20, i -> put("k" + i, 1))
                + "},'ReturnConsumedCapacity':'TOTAL'}");
    int written = plane.node().requests().stream().mapToInt(this::writesDone).sum();
    int unprocessed = keys(answer).size();
    assertThat(unprocessed).isPositive();
    assertThat(written + unprocessed).isEqualTo(20);
    assertThat(answer)
        .startsWith("{'UnprocessedItems':{'hash':[{'PutRequest':{'Item':{'pk':{'S':'k")
        .contains("'CapacityUnits':" + written + ".0");

    String read =
        plane.call(
            "BatchGetItem",
            "{'RequestItems':{'hash':{'Keys':"
                + list(20, i -> "{'pk':{'S':'k" + i + "'}}")
                + ",'ConsistentRead':true,'ProjectionExpression':'#p','ExpressionAttributeNames':{'#p':'pk'}}}}");
    String responses = read.substring(0, read.indexOf("'UnprocessedKeys'"));
    String rest = read.substring(responses.length());
    assertThat(keys(responses)).hasSize(written);
    assertThat(keys(rest)).hasSize(unprocessed);
    assertThat(rest)
        .contains(
            "],'ConsistentRead':true,'ProjectionExpression':'#p','ExpressionAttributeNames':{'#p':'pk'}}");
  }

  private int writesDone(Object request) {
    return request instanceof WriteRequest write && write.getPartition().getPartitionId() != 2
        ? write.getWritesCount()
        : 0;
  }

  @Test
  void aSplitInTheMiddleOfABatchLosesNothing() {
    plane.node().before(() -> plane.split(9));
    fill(25, 10);
    assertThat(scan("")).hasSize(25);

    plane.node().before(() -> plane.split(3));
    String answer =
        plane.call(
            "BatchGetItem",
            "{'RequestItems':{'hash':{'Keys':"
                + list(25, i -> "{'pk':{'S':'k" + i + "'}}")
                + "}}}");
    assertThat(keys(answer)).hasSize(25);
    assertThat(answer).endsWith("'UnprocessedKeys':{}}");

    plane.node().before(() -> plane.split(11));
    assertThat(scan("")).hasSize(25);
  }

  @Test
  void aBatchOfWhichNothingCanBeDoneIsThrottled() {
    for (int partition = 1; partition <= 5; partition++) {
      plane.node().overload(partition);
    }
    assertThat(plane.call("BatchWriteItem", "{'RequestItems':{'hash':[" + put("k", 1) + "]}}"))
        .startsWith("ThrottlingException: ");
    assertThat(plane.call("BatchGetItem", "{'RequestItems':{'hash':{'Keys':[{'pk':{'S':'k'}}]}}}"))
        .startsWith("ThrottlingException: ");
    assertThat(plane.call("GetItem", "{'TableName':'hash','Key':{'pk':{'S':'k'}}}"))
        .startsWith("ThrottlingException: ");
  }

  @Test
  void anAnswerOverSixteenMegabytesLeavesTheRestUnprocessed() {
    // All of them in one partition, as one message between coordinator and node.
    plane.split(1);
    fill(50, 390_000);
    String answer =
        plane.call(
            "BatchGetItem",
            "{'RequestItems':{'hash':{'Keys':"
                + list(50, i -> "{'pk':{'S':'k" + i + "'}}")
                + "}}}");
    String responses = answer.substring(0, answer.indexOf("'UnprocessedKeys'"));
    assertThat(keys(responses)).hasSize(43);
    assertThat(keys(answer.substring(responses.length()))).hasSize(7);
  }
}
