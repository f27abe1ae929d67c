package io.equator.model.expression;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.number.DynamoNumber;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Random items, paths and expression texts from few names and values, so that they often meet. */
final class RandomExpressions {
  private static final String[] NAMES = {"a", "b", "c", "d1", "e_e"};
  private static final String[] STRINGS = {"", "a", "ab", "b", "ba", "é", "😀"};
  private static final String[] NUMBERS = {"0", "1", "2", "-1", "2.5", "1E+20", "3"};
  private static final String[] BINARIES = {"", "00", "0001", "ff", "ff00"};
  private static final String[] COMPARATORS = {"=", "<>", "<", "<=", ">", ">="};
  private static final String[] TYPES = {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"};

  private final RandomGenerator random;
  final Map<String, AttributeValue> values = new LinkedHashMap<>();

  RandomExpressions(RandomGenerator random) {
    this.random = random;
  }

  Map<String, AttributeValue> item() {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    for (String name : NAMES) {
      if (random.nextInt(4) > 0) {
        item.put(name, value(3));
      }
    }
    return item;
  }

  AttributeValue value(int depth) {
    return switch (random.nextInt(depth > 0 ? 12 : 8)) {
      case 0, 1 -> new AttributeValue.S(pick(STRINGS));
      case 2, 3 -> AttributeValue.N.of(pick(NUMBERS));
      case 4 -> new AttributeValue.B(bytes());
      case 5 -> new AttributeValue.Bool(random.nextBoolean());
      case 6 -> new AttributeValue.Null();
      case 7 -> set();
      case 8, 9 -> list(depth - 1);
      default -> map(depth - 1);
    };
  }

  AttributeValue set() {
    int size = 1 + random.nextInt(3);
    TreeSet<String> members = new TreeSet<>();
    int type = random.nextInt(3);
    String[] from = type == 0 ? STRINGS : type == 1 ? NUMBERS : BINARIES;
    for (int i = 0; i < size; i++) {
      members.add(pick(from));
    }
    return switch (type) {
      case 0 -> new AttributeValue.Ss(List.copyOf(members));
      case 1 -> new AttributeValue.Ns(members.stream().map(DynamoNumber::parse).toList());
      default ->
          new AttributeValue.Bs(
              members.stream()
                  .map(hex -> Bytes.wrap(java.util.HexFormat.of().parseHex(hex)))
                  .toList());
    };
  }

  private AttributeValue list(int depth) {
    List<AttributeValue> elements = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      elements.add(value(depth));
    }
    return new AttributeValue.L(elements);
  }

  private AttributeValue map(int depth) {
    Map<String, AttributeValue> entries = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      entries.put(pick(NAMES), value(depth));
    }
    return new AttributeValue.M(entries);
  }

  private Bytes bytes() {
    return Bytes.wrap(java.util.HexFormat.of().parseHex(pick(BINARIES)));
  }

  String path() {
    StringBuilder path = new StringBuilder(pick(NAMES));
    while (random.nextInt(3) == 0) {
      if (random.nextBoolean()) {
        path.append('.').append(pick(NAMES));
      } else {
        path.append('[').append(random.nextInt(4)).append(']');
      }
    }
    return path.toString();
  }

  String literal(AttributeValue value) {
    String name = ":v" + values.size();
    values.put(name, value);
    return name;
  }

  String operand() {
    return switch (random.nextInt(6)) {
      case 0, 1, 2 -> path();
      case 3 -> "size(" + path() + ")";
      default -> literal(value(2));
    };
  }

  String condition(int depth) {
    if (depth > 0) {
      switch (random.nextInt(5)) {
        case 0 -> {
          return "(" + condition(depth - 1) + ") AND " + condition(depth - 1);
        }
        case 1 -> {
          return condition(depth - 1) + " OR (" + condition(depth - 1) + " )";
        }
        case 2 -> {
          return "NOT ( " + condition(depth - 1) + ")";
        }
        default -> {}
      }
    }
    return switch (random.nextInt(9)) {
      case 0, 1, 2 -> operand() + " " + pick(COMPARATORS) + " " + operand();
      case 3 -> operand() + " BETWEEN " + operand() + " AND " + operand();
      case 4 -> operand() + " IN (" + operand() + "," + operand() + ")";
      case 5 ->
          (random.nextBoolean() ? "attribute_exists(" : "attribute_not_exists(") + path() + ")";
      case 6 ->
          "attribute_type(" + path() + ", " + literal(new AttributeValue.S(pick(TYPES))) + ")";
      case 7 -> "begins_with(" + operand() + ", " + operand() + ")";
      default -> "contains(" + operand() + ", " + operand() + ")";
    };
  }

  String setOperand(int depth) {
    return switch (random.nextInt(depth > 0 ? 5 : 3)) {
      case 0 -> literal(value(2));
      case 3 -> "if_not_exists(" + path() + ", " + setOperand(depth - 1) + ")";
      case 4 -> "list_append(" + setOperand(depth - 1) + ", " + setOperand(depth - 1) + ")";
      default -> path();
    };
  }

  String update() {
    StringBuilder text = new StringBuilder();
    if (random.nextInt(3) > 0) {
      text.append("SET ");
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        text.append(path()).append(" = ").append(setOperand(2));
        if (random.nextInt(3) == 0) {
          text.append(random.nextBoolean() ? " + " : " - ").append(setOperand(1));
        }
        text.append(i > 1 ? ", " : " ");
      }
    }
    if (random.nextInt(3) == 0) {
      text.append("REMOVE ").append(path()).append(", ").append(path()).append(' ');
    }
    if (random.nextInt(3) == 0) {
      AttributeValue value = random.nextBoolean() ? set() : AttributeValue.N.of(pick(NUMBERS));
      text.append("ADD ").append(path()).append(' ').append(literal(value)).append(' ');
    }
    if (text.isEmpty() || random.nextInt(3) == 0) {
      text.append("DELETE ").append(path()).append(' ').append(literal(set()));
    }
    return text.toString().strip();
  }

  String projection() {
    StringBuilder text = new StringBuilder(path());
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(", ").append(path());
    }
    return text.toString();
  }

  String pick(String[] from) {
    return from[random.nextInt(from.length)];
  }
}
