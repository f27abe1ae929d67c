package io.equator.model.bench;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ItemEncoder;
import io.equator.model.item.NameSet;
import io.equator.model.item.StoredValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An item of 1 KB with ten attributes, as in the load generator: written, read, searched, cut. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ItemCodecBenchmark {
  private static final byte[] TEXT = "x".repeat(96).getBytes(StandardCharsets.US_ASCII);

  private final byte[][] names = new byte[10][];
  private final ItemEncoder encoder = new ItemEncoder();
  private final ItemCursor cursor = new ItemCursor();
  private EncodedItem item = EncodedItem.EMPTY;
  private byte[] stored = new byte[0];
  private final NameSet twoNames = NameSet.of(List.of("field3", "field7"));

  /** Prepares the inputs. */
  @Setup
  public void prepare() {
    for (int i = 0; i < names.length; i++) {
      names[i] = ("field" + i).getBytes(StandardCharsets.US_ASCII);
    }
    item = encode();
    stored = StoredValue.of(item, 1, 1).bytes();
  }

  /** What the JSON parser does for PutItem. */
  @Benchmark
  public EncodedItem encode() {
    encoder.begin();
    for (int i = 0; i < names.length; i++) {
      encoder.name(names[i], 0, names[i].length);
      if (i == 5) {
        encoder.number("1234.5");
      } else {
        encoder.string(TEXT, 0, TEXT.length);
      }
    }
    return encoder.finish();
  }

  /** The last of ten attributes. */
  @Benchmark
  public @Nullable EncodedValue findLast() {
    return item.find("field9");
  }

  /** What the JSON writer does for GetItem, without the writing. */
  @Benchmark
  public int walk() {
    int sum = 0;
    cursor.reset(item);
    while (cursor.next()) {
      sum += cursor.nameLength() + cursor.payloadLength();
    }
    return sum;
  }

  /** Two of ten attributes, as for an index row. */
  @Benchmark
  public EncodedItem project() {
    return item.project(twoNames);
  }

  /** The tree of objects, for comparison: hot paths do without. */
  @Benchmark
  public Map<String, AttributeValue> toMap() {
    return item.toMap();
  }

  /** Header and checksum written. */
  @Benchmark
  public StoredValue store() {
    return StoredValue.of(item, 1, 1);
  }

  /** Header and checksum read. */
  @Benchmark
  public EncodedItem load() {
    return StoredValue.read(stored).item();
  }
}
