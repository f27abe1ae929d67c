package io.equator.coordinator.bench;

import io.equator.coordinator.fake.DataPlane;
import io.equator.coordinator.json.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Item operations from the bytes of the body to the bytes of the answer: reading, checks, routing,
 * the call over gRPC's in-process transport, writing. The node behind keeps its rows in a sorted
 * map, so nearly all of the time is the coordinator's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OperationBenchmark {
  private final DataPlane plane = new DataPlane(4);
  private final WireWriter out = new WireWriter();
  private byte[] get = {};
  private byte[] put = {};
  private byte[] update = {};
  private byte[] query = {};
  private byte[] batchWrite = {};

  /** One item of 1 KB in ten attributes; one item collection of ten of them. */
  @Setup
  public void fill() {
    get = bytes("{'TableName':'hash','Key':{'pk':{'S':'user00000001'}},'ConsistentRead':true}");
    put = bytes("{'TableName':'hash','Item':" + item("'pk':{'S':'user00000001'}") + "}");
    update =
        bytes(
            "{'TableName':'hash','Key':{'pk':{'S':'user00000001'}},'UpdateExpression':'SET field3 ="
                + " :v','ExpressionAttributeValues':{':v':{'S':'"
                + "z".repeat(100)
                + "'}}}");
    query =
        bytes(
            "{'TableName':'pair','KeyConditionExpression':'pk = :p AND sk >="
                + " :s','ExpressionAttributeValues':{':p':{'S':'a'},':s':{'N':'0'}},'Limit':10}");
    StringBuilder puts = new StringBuilder();
    for (int i = 0; i < 25; i++) {
      puts.append(i == 0 ? "" : ",")
          .append("{'PutRequest':{'Item':")
          .append(item("'pk':{'S':'batch" + i + "'}"))
          .append("}}");
      plane.callRaw(
          "PutItem",
          bytes(
              "{'TableName':'pair','Item':" + item("'pk':{'S':'a'},'sk':{'N':'" + i + "'}") + "}"));
    }
    batchWrite = bytes("{'RequestItems':{'hash':[" + puts + "]}}");
    plane.callRaw("PutItem", put);
  }

  private static String item(String key) {
    StringBuilder item = new StringBuilder("{").append(key);
    for (int i = 0; i < 10; i++) {
      item.append(",'field").append(i).append("':{'S':'").append("x".repeat(94)).append("'}");
    }
    return item.append('}').toString();
  }

  private static byte[] bytes(String body) {
    return body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  /** Ends the node. */
  @TearDown
  public void close() {
    plane.close();
  }

  /** GetItem, consistent. */
  @Benchmark
  public int getItem() {
    return plane.answer("GetItem", get, out);
  }

  /** PutItem over the same item. */
  @Benchmark
  public int putItem() {
    return plane.answer("PutItem", put, out);
  }

  /** UpdateItem of one of ten attributes. */
  @Benchmark
  public int updateItem() {
    return plane.answer("UpdateItem", update, out);
  }

  /** Query of ten items. */
  @Benchmark
  public int query() {
    return plane.answer("Query", query, out);
  }

  /** BatchWriteItem of 25 items. */
  @Benchmark
  public int batchWriteItem() {
    return plane.answer("BatchWriteItem", batchWrite, out);
  }
}
