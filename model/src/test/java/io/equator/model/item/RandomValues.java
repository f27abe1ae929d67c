package io.equator.model.item;

import io.equator.model.number.DynamoNumber;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Seeded values of every type and shape, with the awkward ones often. */
public final class RandomValues {
  private static final String[] TEXTS = {
    "",
    "a",
    "b",
    "ab",
    "\u0000",
    "a\u0000b",
    "é",
    "€",
    "\uFFFD",
    "\uE000",
    "😀",
    "x".repeat(127),
    "x".repeat(128),
    "y".repeat(300)
  };

  private final RandomGenerator random;

  /** Values from this source. */
  public RandomValues(RandomGenerator random) {
    this.random = random;
  }

  /** A string. */
  public String text() {
    if (random.nextBoolean()) {
      return TEXTS[random.nextInt(TEXTS.length)];
    }
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      int codePoint = random.nextInt(4) > 0 ? random.nextInt(0x80) : random.nextInt(0x11_0000);
      text.appendCodePoint(
          codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE
              ? 'x'
              : codePoint);
    }
    return text.toString();
  }

  /** A binary. */
  public Bytes bytes() {
    byte[] bytes = new byte[random.nextInt(6)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextBoolean() ? random.nextInt(3) - 1 : random.nextInt(256));
    }
    return Bytes.wrap(bytes);
  }

  /** The text of a number that can be stored, not canonical. */
  public String numberText() {
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
    int digits = 1 + (random.nextBoolean() ? random.nextInt(4) : random.nextInt(38));
    int point = random.nextInt(digits + 1);
    for (int i = 0; i < digits; i++) {
      text.append(i == point && i > 0 ? "." : "");
      text.append((char) ('0' + (random.nextInt(3) == 0 ? 0 : random.nextInt(10))));
    }
    if (random.nextInt(3) == 0) {
      text.append(random.nextBoolean() ? 'e' : 'E').append(random.nextInt(170) - 85);
    }
    return text.toString();
  }

  /** A number. */
  public DynamoNumber number() {
    return DynamoNumber.parse(numberText());
  }

  /** An S, N or B. */
  public AttributeValue scalar() {
    return switch (random.nextInt(3)) {
      case 0 -> new AttributeValue.S(text());
      case 1 -> new AttributeValue.N(number());
      default -> new AttributeValue.B(bytes());
    };
  }

  /** A value with at most this many levels. */
  public AttributeValue value(int levels) {
    return switch (random.nextInt(levels > 1 ? 10 : 7)) {
      case 0 -> new AttributeValue.Bool(random.nextBoolean());
      case 1 -> new AttributeValue.Null();
      case 2 -> set();
      case 7, 8 -> list(levels);
      case 9 -> new AttributeValue.M(attributes(random.nextInt(5), levels - 1));
      default -> scalar();
    };
  }

  private AttributeValue list(int levels) {
    List<AttributeValue> list = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      list.add(value(levels - 1));
    }
    return new AttributeValue.L(list);
  }

  private AttributeValue set() {
    int members = 1 + random.nextInt(5);
    return switch (random.nextInt(3)) {
      case 0 -> new AttributeValue.Ss(members(members, this::text));
      case 1 -> new AttributeValue.Ns(members(members, this::number));
      default -> new AttributeValue.Bs(members(members, this::bytes));
    };
  }

  private static <T extends Comparable<? super T>> List<T> members(int count, Supplier<T> source) {
    TreeSet<T> members = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      members.add(source.get());
    }
    return List.copyOf(members);
  }

  private Map<String, AttributeValue> attributes(int count, int levels) {
    Map<String, AttributeValue> attributes = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String name = random.nextBoolean() ? "a" + i : text();
      attributes.put(name.isEmpty() ? "n" + i : name, value(levels));
    }
    return attributes;
  }

  /** An item. */
  public Map<String, AttributeValue> item() {
    return attributes(random.nextInt(random.nextInt(20) == 0 ? 200 : 8), 5);
  }
}
