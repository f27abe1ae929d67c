package io.equator.model.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.Golden;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.CorruptItemException;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.RandomValues;
import io.equator.model.item.Utf8;
import io.equator.model.item.ValueType;
import io.equator.proto.ScalarType;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Keys as bytes: order, end, prefix and way back. */
class KeyCodecTest {

  @RepeatedTest(20)
  void bytesCompareAsTheValuesDo(RepetitionInfo repetition) {
    RandomValues values = new RandomValues(new Random(repetition.getCurrentRepetition()));
    for (int i = 0; i < 1000; i++) {
      AttributeValue left = values.scalar();
      AttributeValue right = i % 20 == 0 ? left : values.scalar();
      byte[] encoded = KeyCodec.encode(left);
      assertThat(KeyCodec.decode(type(left), encoded)).isEqualTo(left);
      assertThat(KeyCodec.encode(EncodedValue.of(left))).isEqualTo(encoded);

      // Whatever follows, the end is found, and the order of what stands before it is not touched.
      byte[] followed = Arrays.copyOf(encoded, encoded.length + 3);
      followed[encoded.length] = (byte) i;
      assertThat(KeyCodec.end(type(left), followed, 0, followed.length)).isEqualTo(encoded.length);
      if (left.type() == right.type()) {
        assertThat(Integer.signum(Arrays.compareUnsigned(encoded, KeyCodec.encode(right))))
            .as("%s and %s", left, right)
            .isEqualTo(Integer.signum(compare(left, right)));
        if (!left.equals(right)) {
          assertThat(Integer.signum(Arrays.compareUnsigned(followed, KeyCodec.encode(right))))
              .isEqualTo(Integer.signum(compare(left, right)));
        }
      }
    }
  }

  @RepeatedTest(10)
  void beginsWithIsARange(RepetitionInfo repetition) {
    RandomValues values = new RandomValues(new Random(repetition.getCurrentRepetition()));
    for (int i = 0; i < 1000; i++) {
      Bytes whole = values.bytes();
      Bytes prefix = values.bytes();
      byte[] lower = KeyCodec.prefixOf(new AttributeValue.B(prefix));
      byte[] upper = KeyCodec.successor(lower);
      byte[] encoded = KeyCodec.encode(new AttributeValue.B(whole));
      boolean inRange =
          Arrays.compareUnsigned(encoded, lower) >= 0
              && (upper.length == 0 || Arrays.compareUnsigned(encoded, upper) < 0);
      assertThat(inRange).as("%s in %s", whole, prefix).isEqualTo(whole.startsWith(prefix));
    }
  }

  @Test
  void successorsOfBytesAtTheirEnd() {
    assertThat(KeyCodec.successor(new byte[] {1, -1, -1})).containsExactly(2);
    assertThat(KeyCodec.successor(new byte[] {-1, -1})).isEmpty();
    assertThat(KeyCodec.successor(new byte[0])).isEmpty();
    assertThat(KeyCodec.successor(new byte[] {0x7F})).containsExactly(0x80);
  }

  @Test
  void otherTypesAreNoKeys() {
    AttributeValue bool = new AttributeValue.Bool(true);
    assertThatThrownBy(() -> KeyCodec.encode(bool)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KeyCodec.encode(EncodedValue.of(bool)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KeyCodec.prefixOf(AttributeValue.N.of("1")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @RepeatedTest(5)
  void damagedKeysAreSeenOrReadAsOthers(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    RandomValues values = new RandomValues(random);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = KeyCodec.encode(values.scalar());
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      byte[] cut =
          random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length));
      for (ScalarType type : List.of(ScalarType.S, ScalarType.N, ScalarType.B)) {
        try {
          AttributeValue read = KeyCodec.decode(type, cut);
          if (type != ScalarType.S) { // bytes that are no UTF-8 do not come back
            assertThat(KeyCodec.encode(read).length).isPositive();
          }
        } catch (CorruptItemException e) {
          // What is defined.
        }
      }
    }
  }

  @Test
  void theStoredFormStaysAsItIs() {
    Map<String, AttributeValue> values = new LinkedHashMap<>();
    values.put("S empty", new AttributeValue.S(""));
    values.put("S a", new AttributeValue.S("a"));
    values.put("S with zero", new AttributeValue.S("a\u0000b"));
    values.put("S wide", new AttributeValue.S("é😀"));
    values.put("B 00 ff 01", new AttributeValue.B(Bytes.wrap(new byte[] {0, -1, 1})));
    for (String number :
        List.of(
            "-9.9999999999999999999999999999999999999E+125",
            "-123.45",
            "-1",
            "-0.5",
            "-1E-130",
            "0",
            "1E-130",
            "0.5",
            "1",
            "1.5",
            "2",
            "10",
            "123.45",
            "9.9999999999999999999999999999999999999E+125")) {
      values.put("N " + number, AttributeValue.N.of(number));
    }
    HexFormat hex = HexFormat.of();
    Map<String, String> written = new LinkedHashMap<>();
    values.forEach((name, value) -> written.put(name, hex.formatHex(KeyCodec.encode(value))));
    written.put(
        "storage key",
        hex.formatHex(
            StorageKey.of(0x01020304, 5, -2L, KeyCodec.encode(new AttributeValue.S("p")))));
    Map<String, String> golden = Golden.check("key-v1.txt", written);
    values.forEach(
        (name, value) ->
            assertThat(KeyCodec.decode(type(value), hex.parseHex(golden.getOrDefault(name, ""))))
                .isEqualTo(value));
    // The numbers above are listed in their order: so must their bytes be.
    assertThat(golden.entrySet().stream().filter(e -> e.getKey().startsWith("N ")))
        .extracting(Map.Entry::getValue)
        .isSorted();
  }

  @Test
  void storageKeysTakeApart() {
    byte[] part = {9, 8};
    byte[] key = StorageKey.of(7, 200, 0x8000_0000_0000_0001L, part, part);
    assertThat(StorageKey.tableId(key)).isEqualTo(7);
    assertThat(StorageKey.indexId(key)).isEqualTo(200);
    assertThat(StorageKey.token(key)).isEqualTo(0x8000_0000_0000_0001L);
    assertThat(key)
        .isEqualTo(
            StorageKey.withPrefix(7, 200, StorageKey.rest(0x8000_0000_0000_0001L, part, part)));
    assertThat(key).startsWith(StorageKey.prefix(7, 200));
    assertThatThrownBy(() -> StorageKey.prefix(1, 256))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ScalarType type(AttributeValue value) {
    return value.type() == ValueType.S
        ? ScalarType.S
        : value.type() == ValueType.N ? ScalarType.N : ScalarType.B;
  }

  private static int compare(AttributeValue left, AttributeValue right) {
    return switch (left) {
      case AttributeValue.S(String text) -> Utf8.compare(text, ((AttributeValue.S) right).value());
      case AttributeValue.N(var number) ->
          number.toBigDecimal().compareTo(((AttributeValue.N) right).value().toBigDecimal());
      case AttributeValue.B(Bytes bytes) -> bytes.compareTo(((AttributeValue.B) right).value());
      default -> throw new IllegalArgumentException(left.toString());
    };
  }
}
