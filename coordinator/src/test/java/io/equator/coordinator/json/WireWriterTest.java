package io.equator.coordinator.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the writer writes, to the byte. */
class WireWriterTest {
  private static String written(Consumer<WireWriter> body) {
    WireWriter out = new WireWriter();
    body.accept(out);
    return out.toString();
  }

  @Test
  void writesStructures() {
    String text =
        written(
            out -> {
              out.beginObject();
              out.field("s", "x");
              out.field("n", 5);
              out.field("d", 0.5);
              out.field("w", 5.0);
              out.field("b", true);
              out.field("l", List.of("a", "b"));
              out.field("m", Map.of("k", "v"));
              out.beginArray("e");
              out.endArray();
              out.beginArray("o");
              out.beginObject();
              out.endObject();
              out.beginObject();
              out.field("x", false);
              out.endObject();
              out.endArray();
              out.beginObject("z");
              out.endObject();
              out.endObject();
            });

    assertThat(text)
        .isEqualTo(
            "{\"s\":\"x\",\"n\":5,\"d\":0.5,\"w\":5.0,\"b\":true,\"l\":[\"a\",\"b\"],"
                + "\"m\":{\"k\":\"v\"},\"e\":[],\"o\":[{},{\"x\":false}],\"z\":{}}");
  }

  @Test
  void escapesWhatMustBeEscapedAndNothingElse() {
    assertThat(written(out -> out.string("a\"b\\c\n\r\t\b\f\u0001\u001f/é€😀\u007f")))
        .isEqualTo("\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001\\u001f/é€😀\u007f\"");
    byte[] utf8 = "x\"é\u0000y".getBytes(StandardCharsets.UTF_8);
    assertThat(written(out -> out.string(utf8, 1, utf8.length - 2))).isEqualTo("\"\\\"é\\u0000\"");
  }

  @Test
  void writesNumbers() {
    for (long value :
        new long[] {0, 1, -1, 9, 10, 99, 100, -1000, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThat(written(out -> out.number(value))).isEqualTo(Long.toString(value));
    }
    for (double value : new double[] {0.5, -2.25, 1e20, 3.0, 1234567.125, -0.125}) {
      String text = written(out -> out.number(value));
      assertThat(Double.parseDouble(text)).as(text).isEqualTo(value);
    }
  }

  @Test
  void writesTimestampsInSeconds() {
    assertThat(written(out -> out.timestamp(1_731_000_000_123L))).isEqualTo("1731000000.123");
    assertThat(written(out -> out.timestamp(1_731_000_000_007L))).isEqualTo("1731000000.007");
    assertThat(written(out -> out.timestamp(1_731_000_000_000L))).isEqualTo("1731000000");
    assertThat(written(out -> out.timestamp(0))).isEqualTo("0");
  }

  @Test
  void writesBase64AsTheJdkDoes() {
    Random random = new Random(1);
    for (int length = 0; length < 50; length++) {
      byte[] bytes = new byte[length + 2];
      random.nextBytes(bytes);
      String expected =
          Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, 1, 1 + length));
      int count = length;
      assertThat(written(out -> out.blob(bytes, 1, count))).isEqualTo("\"" + expected + "\"");
    }
  }

  @Test
  void writesValues() {
    String json = "{\"L\":[{\"S\":\"a\"},{\"M\":{\"k\":{\"NULL\":true}}}]}";
    EncodedValue value = Objects.requireNonNull(readValue(json).value());

    assertThat(written(out -> out.attributeValue(value))).isEqualTo(json);
  }

  private static WireValue readValue(String json) {
    byte[] bytes = ("{\"v\":" + json + "}").getBytes(StandardCharsets.UTF_8);
    return WireReader.read(
        bytes,
        0,
        bytes.length,
        in -> {
          assertThat(in.nextMember()).isTrue();
          WireValue value = in.attributeValue();
          assertThat(in.nextMember()).isFalse();
          return value;
        });
  }

  @Test
  void growsAndIsUsedAgain() {
    WireWriter out = new WireWriter();
    String large = "y".repeat(1 << 20);
    out.string(large);
    assertThat(out.length()).isEqualTo(large.length() + 2);

    out.reset();
    out.string("x");
    assertThat(out.toString()).isEqualTo("\"x\"");
    assertThat(out.array().length).isLessThan(large.length());
  }

  /** JSON to item to JSON and back gives the same item, for random ones. */
  @Test
  void whatIsWrittenReadsAsTheSameItem() {
    for (long seed = 0; seed < 500; seed++) {
      String json = new RandomJson(new Random(seed)).item();
      EncodedItem item = readItem(json);
      String again = written(out -> out.item(item));
      EncodedItem reread = readItem(again);

      assertThat(reread.bytes()).as("seed %d: %s", seed, json).isEqualTo(item.bytes());
      assertThat(written(out -> out.item(reread))).isEqualTo(again);
    }
  }

  static EncodedItem readItem(String json) {
    byte[] bytes = ("{\"i\":" + json + "}").getBytes(StandardCharsets.UTF_8);
    WireItem read =
        WireReader.read(
            bytes,
            0,
            bytes.length,
            in -> {
              assertThat(in.nextMember()).isTrue();
              WireItem item = in.attributeMap();
              assertThat(in.nextMember()).isFalse();
              return item;
            });
    assertThat(read.problem()).as(json).isNull();
    return read.item();
  }
}
