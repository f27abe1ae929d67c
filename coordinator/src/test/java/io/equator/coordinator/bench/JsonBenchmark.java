package io.equator.coordinator.bench;

import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.item.EncodedItem;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** JSON in and out: an item of 1 KB with ten attributes, as in the load generator. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class JsonBenchmark {
  private final byte[] put = body("Item", item());
  private final byte[] get = body("Key", "{\"pk\":{\"S\":\"user0000000000012345678\"}}");
  private final EncodedItem item = Objects.requireNonNull(read(put)).item();
  private final WireWriter out = new WireWriter();

  private static String item() {
    StringBuilder text = new StringBuilder("{\"pk\":{\"S\":\"user0000000000012345678\"}");
    for (int i = 0; i < 9; i++) {
      text.append(",\"field")
          .append(i)
          .append("\":{\"S\":\"")
          .append("x".repeat(103))
          .append("\"}");
    }
    return text.append('}').toString();
  }

  private static byte[] body(String member, String value) {
    return ("{\"TableName\":\"usertable\",\"" + member + "\":" + value + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable WireItem read(byte[] body) {
    return WireReader.read(
        body,
        0,
        body.length,
        in -> {
          WireItem read = null;
          while (in.nextMember()) {
            switch (in.member()) {
              case "TableName" -> in.string();
              case "Item", "Key" -> read = in.attributeMap();
              default -> in.skip();
            }
          }
          return read;
        });
  }

  /** The body of a PutItem, to the stored form. */
  @Benchmark
  public @Nullable WireItem readPutItem() {
    return read(put);
  }

  /** The body of a GetItem. */
  @Benchmark
  public @Nullable WireItem readGetItem() {
    return read(get);
  }

  /** Only whether the body of a PutItem is JSON: what the tokens alone cost. */
  @Benchmark
  public boolean tokensOfPutItem() {
    return WireReader.isJson(put, 0, put.length);
  }

  /** The answer of a GetItem, from the stored form. */
  @Benchmark
  public int writeGetItem() {
    out.reset();
    out.beginObject();
    out.field("Item", item);
    out.endObject();
    return out.length();
  }
}
