package io.equator.model.item;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import io.equator.model.key.KeyCodec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/**
 * Random and damaged bytes where an item should be: every way of reading them gives a result or
 * {@link CorruptItemException}, in bounded time and memory.
 */
class ItemCodecFuzzTest {
  private static final int CASES = 3_000;

  @RepeatedTest(10)
  void damagedItems(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    RandomValues values = new RandomValues(random);
    for (int i = 0; i < CASES; i++) {
      byte[] bytes = EncodedItem.of(values.item()).bytes();
      readEveryWay(mutate(bytes, random));
    }
  }

  @RepeatedTest(5)
  void randomBytes(RepetitionInfo repetition) {
    Random random = new Random(100 + repetition.getCurrentRepetition());
    for (int i = 0; i < CASES; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      for (int at = 0; at < bytes.length; at++) {
        // Small numbers are more often types, counts and lengths that lead further in.
        bytes[at] = random.nextInt(3) == 0 ? bytes[at] : (byte) random.nextInt(12);
      }
      if (bytes.length > 0) {
        bytes[0] = EncodedItem.VERSION;
      }
      readEveryWay(bytes);
    }
  }

  @Test
  void hugeCountsAndLengthsAllocateNothing() {
    for (String type : List.of("06", "07", "08", "09", "0a", "01")) {
      for (String number : List.of("ffffffff07", "ffffffff0f", "ffffffffff", "808080808000")) {
        readEveryWay(HexFormat.of().parseHex("01" + "01" + "01" + "0161" + type + number + number));
        readEveryWay(HexFormat.of().parseHex("01" + "01" + "01" + "0161" + type + "05" + number));
      }
    }
    readEveryWay(HexFormat.of().parseHex("01" + "ffffffff07" + "ffffffff07"));
  }

  @Test
  void deepNestingDoesNotOverflowTheStack() {
    int levels = 100_000;
    byte[] inner = {ValueType.NULL.tag()};
    byte[] bytes = new byte[levels * 8];
    int at = bytes.length;
    System.arraycopy(inner, 0, bytes, --at, 1);
    for (int i = 0; i < levels; i++) {
      int content = bytes.length - at;
      int header = ItemReader.varintSize(content + 1) + 2;
      at -= header;
      bytes[at] = ValueType.L.tag();
      int next = ItemReader.writeVarint(bytes, at + 1, content + 1);
      bytes[next] = 1;
    }
    byte[] value = Arrays.copyOfRange(bytes, at, bytes.length);
    byte[] item = new byte[value.length + 5];
    System.arraycopy(new byte[] {1, 0, 1, 1, 'a'}, 0, item, 0, 5);
    System.arraycopy(value, 0, item, 5, value.length);
    readEveryWay(item);
  }

  @Test
  void readingIsHarmlessForGoodItems() {
    byte[] bytes = EncodedItem.of(new RandomValues(new Random(1)).item()).bytes();
    assertThatCode(() -> EncodedItem.wrap(bytes).verify()).doesNotThrowAnyException();
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    byte[] mutated = bytes;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      if (mutated.length == 0) {
        return mutated;
      }
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(5)) {
        case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutated[at] = (byte) random.nextInt(256);
        case 2 -> mutated = Arrays.copyOf(mutated, at);
        case 3 -> mutated = Arrays.copyOf(mutated, mutated.length + random.nextInt(4));
        default -> System.arraycopy(mutated, at, mutated, 0, Math.min(at, mutated.length - at));
      }
    }
    return mutated;
  }

  private static void readEveryWay(byte[] bytes) {
    List<Runnable> ways =
        List.of(
            () -> EncodedItem.wrap(bytes).verify(),
            () -> EncodedItem.wrap(bytes).toMap(),
            () -> EncodedItem.wrap(bytes).get("a1"),
            () -> EncodedItem.wrap(bytes).project(List.of("a0", "a2")).toMap(),
            () -> walk(new ItemCursor(EncodedItem.wrap(bytes)), 0),
            () -> copy(EncodedItem.wrap(bytes)),
            () -> keys(EncodedItem.wrap(bytes)),
            () -> EncodedValue.wrap(bytes).decode(),
            () -> EncodedValue.wrap(bytes).sizeBytes(),
            () -> EncodedValue.wrap(bytes).depth(),
            () -> StoredValue.read(bytes));
    for (int way = 0; way < ways.size(); way++) {
      try {
        ways.get(way).run();
      } catch (CorruptItemException e) {
        // What is defined.
      } catch (Throwable e) {
        fail("way " + way + " of reading " + HexFormat.of().formatHex(bytes), e);
      }
    }
  }

  private static void walk(ItemCursor cursor, int depth) {
    while (cursor.next()) {
      if (cursor.type().isDocument() || cursor.type().isSet()) {
        cursor.enter();
        walk(cursor, depth + 1);
        cursor.leave();
      }
    }
  }

  private static void copy(EncodedItem item) {
    ItemEncoder encoder = new ItemEncoder();
    ItemCursor cursor = new ItemCursor(item);
    encoder.begin();
    while (cursor.next()) {
      encoder.entry(cursor);
    }
    if (encoder.problem() == null) {
      encoder.finish();
    }
  }

  private static void keys(EncodedItem item) {
    ItemCursor cursor = new ItemCursor(item);
    while (cursor.next()) {
      if (cursor.type().isKeyType()) {
        KeyCodec.encode(cursor.value());
      }
    }
  }
}
