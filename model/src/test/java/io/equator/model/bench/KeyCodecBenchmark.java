package io.equator.model.bench;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.KeySchema;
import io.equator.model.key.PrimaryKey;
import io.equator.model.number.NumberFault;
import io.equator.model.number.NumberReader;
import io.equator.proto.ScalarType;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Keys to bytes and back, and the numbers among them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KeyCodecBenchmark {
  private final AttributeValue string = new AttributeValue.S("user#0123456789abcdef");
  private final AttributeValue number = AttributeValue.N.of("1700000000.125");
  private final byte[] encodedString = KeyCodec.encode(string);
  private final byte[] encodedNumber = KeyCodec.encode(number);
  private final KeySchema schema =
      KeySchema.of(new KeyAttribute("pk", ScalarType.S), new KeyAttribute("sk", ScalarType.N));
  private final EncodedItem key = EncodedItem.of(Map.of("pk", string, "sk", number));
  private final NumberReader numbers = new NumberReader();
  private final byte[] text = new byte[NumberReader.TEXT_LENGTH_MAX];

  /** A short string. */
  @Benchmark
  public byte[] encodeString() {
    return KeyCodec.encode(string);
  }

  /** A number of 13 digits. */
  @Benchmark
  public byte[] encodeNumber() {
    return KeyCodec.encode(number);
  }

  /** Back to an object. */
  @Benchmark
  public AttributeValue decodeString() {
    return KeyCodec.decode(ScalarType.S, encodedString);
  }

  /** Back to an object. */
  @Benchmark
  public AttributeValue decodeNumber() {
    return KeyCodec.decode(ScalarType.N, encodedNumber);
  }

  /** What GetItem does: find both attributes, check them, encode them. */
  @Benchmark
  public PrimaryKey fromKeyMap() {
    return KeyExtractor.fromKeyMap(schema, key);
  }

  /** A plain number to its canonical text. */
  @Benchmark
  public int canonicalNumber() {
    NumberFault fault = numbers.read("1700000000.125");
    return fault == null ? numbers.write(text, 0) : -1;
  }

  /** A number with leading and trailing zeros and an exponent. */
  @Benchmark
  public @Nullable NumberFault canonicalExponent() {
    return numbers.read("-0012.34500E-7");
  }
}
