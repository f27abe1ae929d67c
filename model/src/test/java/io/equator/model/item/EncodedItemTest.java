package io.equator.model.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.model.Golden;
import io.equator.model.number.DynamoNumber;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The encoded item: all that goes in comes out, whole, by name, by cursor and in parts. */
class EncodedItemTest {

  @RepeatedTest(30)
  void agreesWithTheMapOfObjects(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    RandomValues values = new RandomValues(random);
    ItemEncoder encoder = new ItemEncoder();
    for (int i = 0; i < 50; i++) {
      Map<String, AttributeValue> map = values.item();
      EncodedItem item = EncodedItem.wrap(encode(encoder, map).bytes());

      item.verify();
      assertThat(item.toMap()).containsExactlyEntriesOf(map);
      assertThat(item.attributeCount()).isEqualTo(map.size());
      assertThat(item.sizeBytes()).isEqualTo(NaiveSize.ofItem(map));
      assertThat(item.contentEquals(EncodedItem.of(shuffled(map, random)))).isTrue();
      map.forEach(
          (name, value) -> {
            EncodedValue found = item.find(name);
            assertThat(found).isNotNull();
            assertThat(found.decode()).isEqualTo(value);
            assertThat(found.sizeBytes()).isEqualTo(NaiveSize.of(value));
            assertThat(EncodedValue.wrap(found.bytes()).contentEquals(found)).isTrue();
            assertThat(EncodedValue.of(value).contentEquals(found)).isTrue();
          });
      assertThat(item.find("not there")).isNull();
      assertThat(walk(item)).containsExactlyEntriesOf(map);
      checkProjection(item, map, random);
      checkCopy(encoder, item);
    }
  }

  private static void checkProjection(
      EncodedItem item, Map<String, AttributeValue> map, Random random) {
    Set<String> names = new HashSet<>(Set.of("not there"));
    map.keySet().stream().filter(_ -> random.nextBoolean()).forEach(names::add);
    Map<String, AttributeValue> expected = new LinkedHashMap<>(map);
    expected.keySet().retainAll(names);
    EncodedItem projected = item.project(names);
    projected.verify();
    assertThat(projected.toMap()).containsExactlyEntriesOf(expected);
  }

  private static void checkCopy(ItemEncoder encoder, EncodedItem item) {
    ItemCursor cursor = new ItemCursor(item);
    encoder.begin();
    while (cursor.next()) {
      encoder.entry(cursor);
    }
    assertThat(encoder.finish().bytes()).isEqualTo(item.bytes());
  }

  private static EncodedItem encode(ItemEncoder encoder, Map<String, AttributeValue> map) {
    encoder.begin();
    map.forEach(
        (name, value) -> {
          encoder.name(name);
          encoder.value(value);
        });
    assertThat(encoder.problem()).isNull();
    return encoder.finish();
  }

  private static Map<String, AttributeValue> shuffled(
      Map<String, AttributeValue> map, Random random) {
    List<String> names = new ArrayList<>(map.keySet());
    Collections.shuffle(names, random);
    Map<String, AttributeValue> shuffled = new LinkedHashMap<>();
    for (String name : names) {
      AttributeValue value = map.get(name);
      assertThat(value).isNotNull();
      shuffled.put(
          name,
          value instanceof AttributeValue.M(var inner)
              ? new AttributeValue.M(shuffled(inner, random))
              : value);
    }
    return shuffled;
  }

  /** Rebuilds the objects with a cursor, as the JSON writer would go. */
  private static Map<String, AttributeValue> walk(EncodedItem item) {
    ItemCursor cursor = new ItemCursor(item);
    Map<String, AttributeValue> map = new LinkedHashMap<>();
    while (cursor.next()) {
      map.put(cursor.name(), value(cursor));
    }
    return map;
  }

  private static AttributeValue value(ItemCursor cursor) {
    String text = Utf8.decode(cursor.array(), cursor.payloadOffset(), cursor.payloadLength());
    Bytes raw = Bytes.copyOf(cursor.array(), cursor.payloadOffset(), cursor.payloadLength());
    ValueType type = cursor.type();
    return switch (type) {
      case S -> new AttributeValue.S(text);
      case N -> AttributeValue.N.of(text);
      case B -> new AttributeValue.B(raw);
      case BOOL -> new AttributeValue.Bool(cursor.bool());
      case NULL -> new AttributeValue.Null();
      case SS, NS, BS, L, M -> container(cursor, type);
    };
  }

  private static AttributeValue container(ItemCursor cursor, ValueType type) {
    cursor.enter();
    List<AttributeValue> elements = new ArrayList<>();
    Map<String, AttributeValue> entries = new LinkedHashMap<>();
    while (cursor.next()) {
      if (type == ValueType.M) {
        String name = cursor.name();
        entries.put(name, value(cursor));
      } else {
        elements.add(value(cursor));
      }
    }
    cursor.leave();
    return switch (type) {
      case SS ->
          new AttributeValue.Ss(
              elements.stream().map(element -> ((AttributeValue.S) element).value()).toList());
      case NS ->
          new AttributeValue.Ns(
              elements.stream().map(element -> ((AttributeValue.N) element).value()).toList());
      case BS ->
          new AttributeValue.Bs(
              elements.stream().map(element -> ((AttributeValue.B) element).value()).toList());
      case M -> new AttributeValue.M(entries);
      case L, S, N, B, BOOL, NULL -> new AttributeValue.L(elements);
    };
  }

  @Test
  void aCursorLeavesAContainerFromAnywhere() {
    AttributeValue list =
        new AttributeValue.L(List.of(new AttributeValue.S("x"), new AttributeValue.Null()));
    Map<String, AttributeValue> map = new LinkedHashMap<>();
    map.put("a", new AttributeValue.L(List.of(list, list)));
    map.put("b", new AttributeValue.Bool(true));
    ItemCursor cursor = new ItemCursor(EncodedItem.of(map));

    assertThat(cursor.next()).isTrue();
    cursor.enter();
    assertThat(cursor.remaining()).isEqualTo(2);
    assertThat(cursor.next()).isTrue();
    cursor.enter();
    assertThat(cursor.next()).isTrue();
    cursor.leave();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.type()).isEqualTo(ValueType.L);
    cursor.leave();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.name()).isEqualTo("b");
    assertThat(cursor.next()).isFalse();

    cursor.reset(EncodedValue.of(list));
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.value().decode()).isEqualTo(list);
    assertThat(cursor.next()).isFalse();
  }

  @Test
  void aNameThatComesTwiceHasItsLastValue() {
    ItemEncoder encoder = new ItemEncoder();
    for (int others : new int[] {0, 300}) {
      encoder.begin();
      encoder.name("a");
      encoder.string("first");
      for (int i = 0; i < others; i++) {
        encoder.name("other" + i);
        encoder.nul();
      }
      encoder.name("m");
      encoder.beginMap();
      for (String value : List.of("1", "2", "3")) {
        encoder.name("a");
        encoder.number(value);
      }
      encoder.endMap();
      encoder.name("a");
      encoder.string("last");
      EncodedItem item = encoder.finish();

      item.verify();
      assertThat(item.attributeCount()).isEqualTo(others + 2);
      assertThat(item.get("a")).isEqualTo(new AttributeValue.S("last"));
      assertThat(item.get("m"))
          .isEqualTo(new AttributeValue.M(Map.of("a", AttributeValue.N.of("3"))));
      assertThat(item.toMap().keySet().iterator().next()).isEqualTo("a");
    }
  }

  @Test
  void namesThatCollideAreToldApart() {
    ItemEncoder encoder = new ItemEncoder();
    encoder.begin();
    // "Aa" and "BB" have one hash in the usual polynomial, and so have all words made of them.
    for (int i = 0; i < 4096; i++) {
      StringBuilder name = new StringBuilder();
      for (int bit = 0; bit < 12; bit++) {
        name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      encoder.name(name.toString());
      encoder.bool(true);
    }
    EncodedItem item = encoder.finish();
    item.verify();
    assertThat(item.attributeCount()).isEqualTo(4096);
  }

  @Test
  void largeItemsAreWrittenAndTheEncoderShrinksAgain() {
    ItemEncoder encoder = new ItemEncoder();
    String large = "x".repeat(3_000_000);
    encoder.begin();
    encoder.name("list");
    encoder.beginList();
    encoder.string(large);
    encoder.endList();
    EncodedItem item = encoder.finish();
    assertThat(item.sizeBytes()).isEqualTo(4 + 3 + 1 + large.length());
    item.verify();
    assertThat(encode(encoder, Map.of("a", new AttributeValue.S("b"))).sizeBytes()).isEqualTo(2);
  }

  @Test
  void byteStringsAreNotCopied() {
    EncodedItem item = EncodedItem.of(Map.of("a", new AttributeValue.S("b")));
    ByteString bytes = item.toByteString();
    assertThat(EncodedItem.wrap(bytes).array()).isSameAs(item.array());
    ByteString pieces =
        ByteString.copyFrom(new byte[600])
            .concat(ByteString.copyFrom(new byte[600]))
            .substring(600, 600 + 600);
    assertThat(ByteStrings.slice(pieces).length()).isEqualTo(600);
    ByteString rope = bytes.concat(ByteString.copyFrom(new byte[1000]));
    assertThat(EncodedItem.wrap(rope.substring(0, bytes.size())).contentEquals(item)).isTrue();
    assertThat(ByteStrings.slice(rope).length()).isEqualTo(rope.size());
    assertThat(ByteStrings.slice(ByteString.EMPTY).length()).isZero();
  }

  @Test
  void equalityIsDynamoDbs() {
    assertThat(new AttributeValue.Ss(List.of("b", "a")))
        .isEqualTo(new AttributeValue.Ss(List.of("a", "b")));
    assertThat(AttributeValue.N.of("1.0")).isEqualTo(AttributeValue.N.of("1"));
    assertThat(new AttributeValue.Ns(List.of(DynamoNumber.of(10), DynamoNumber.of(9))).values())
        .containsExactly(DynamoNumber.of(9), DynamoNumber.of(10));
    assertThatThrownBy(() -> new AttributeValue.Ss(List.of("a", "a")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AttributeValue.Bs(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stringsSortByTheirUtf8Bytes() {
    RandomValues values = new RandomValues(new Random(7));
    for (int i = 0; i < 5000; i++) {
      String left = values.text();
      String right = values.text();
      assertThat(Integer.signum(Utf8.compare(left, right)))
          .isEqualTo(Integer.signum(Bytes.ofUtf8(left).compareTo(Bytes.ofUtf8(right))));
      assertThat(Utf8.length(left)).isEqualTo(Utf8.encode(left).length);
    }
    assertThat(Utf8.length("\uD800x")).isEqualTo(Utf8.encode("\uD800x").length);
  }

  @Test
  void theStoredFormStaysAsItIs() {
    Map<String, EncodedItem> items = new LinkedHashMap<>();
    items.put("empty", EncodedItem.EMPTY);
    golden().forEach((name, value) -> items.put(name, EncodedItem.of(Map.of("k", value))));
    items.put("all", EncodedItem.of(golden()));

    HexFormat hex = HexFormat.of();
    Map<String, String> written = new LinkedHashMap<>();
    items.forEach((name, item) -> written.put(name, hex.formatHex(item.bytes())));
    Golden.check("item-v1.txt", written)
        .forEach(
            (name, bytes) -> {
              EncodedItem read = EncodedItem.wrap(hex.parseHex(bytes));
              read.verify();
              EncodedItem item = items.get(name);
              assertThat(item).isNotNull();
              assertThat(read.toMap()).isEqualTo(item.toMap());
            });
  }

  private static Map<String, AttributeValue> golden() {
    Map<String, AttributeValue> values = new LinkedHashMap<>();
    values.put("string", new AttributeValue.S("Grüße 😀"));
    values.put("emptyString", new AttributeValue.S(""));
    values.put("longString", new AttributeValue.S("x".repeat(200)));
    values.put("number", AttributeValue.N.of("-1234.5"));
    values.put("longNumber", AttributeValue.N.of("-1E-130"));
    values.put("binary", new AttributeValue.B(Bytes.wrap(new byte[] {0, 1, -1})));
    values.put("true", new AttributeValue.Bool(true));
    values.put("false", new AttributeValue.Bool(false));
    values.put("null", new AttributeValue.Null());
    values.put("strings", new AttributeValue.Ss(List.of("b", "", "\uFFFD", "😀", "a")));
    values.put(
        "numbers",
        new AttributeValue.Ns(
            List.of(DynamoNumber.of(10), DynamoNumber.of(-3), DynamoNumber.parse("9.5"))));
    values.put(
        "binaries",
        new AttributeValue.Bs(List.of(Bytes.wrap(new byte[] {-1}), Bytes.wrap(new byte[] {1}))));
    values.put("emptyList", new AttributeValue.L(List.of()));
    values.put(
        "list", new AttributeValue.L(List.of(AttributeValue.N.of("1"), new AttributeValue.Null())));
    values.put("emptyMap", new AttributeValue.M(Map.of()));
    values.put(
        "map",
        new AttributeValue.M(
            Map.of("inner", new AttributeValue.L(List.of(new AttributeValue.S("y".repeat(130)))))));
    return values;
  }
}
