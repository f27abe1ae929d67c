package io.equator.model.expression;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.EncodedItem;
import io.equator.model.number.DynamoNumber;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A short way to write items in tables of tests: {@code {a: 1, b: 'x', c: [1, 'y'], d: {e: true},
 * f: <<1, 2>>, g: null, h: b'0aff'}}. Names stand bare; {@code <<…>>} is a set.
 */
final class Notation {
  private final String text;
  private int at;

  private Notation(String text) {
    this.text = text;
  }

  static EncodedItem item(String text) {
    return EncodedItem.of(map(text));
  }

  static Map<String, AttributeValue> map(String text) {
    if (text.isBlank()) {
      return Map.of();
    }
    return ((AttributeValue.M) value(text)).values();
  }

  static AttributeValue value(String text) {
    Notation notation = new Notation(text.strip());
    AttributeValue value = notation.value();
    if (notation.at != notation.text.length()) {
      throw new IllegalArgumentException("rest: " + notation.text.substring(notation.at));
    }
    return value;
  }

  static String show(EncodedItem item) {
    return show(new AttributeValue.M(item.toMap()));
  }

  static String show(AttributeValue value) {
    return switch (value) {
      case AttributeValue.S(String s) -> "'" + s + "'";
      case AttributeValue.N(DynamoNumber n) -> n.toString();
      case AttributeValue.B(Bytes b) -> "b'" + b + "'";
      case AttributeValue.Bool(boolean b) -> String.valueOf(b);
      case AttributeValue.Null() -> "null";
      case AttributeValue.Ss(List<String> s) ->
          s.stream().map(x -> "'" + x + "'").collect(Collectors.joining(", ", "<<", ">>"));
      case AttributeValue.Ns(List<DynamoNumber> n) ->
          n.stream().map(DynamoNumber::toString).collect(Collectors.joining(", ", "<<", ">>"));
      case AttributeValue.Bs(List<Bytes> b) ->
          b.stream().map(x -> "b'" + x + "'").collect(Collectors.joining(", ", "<<", ">>"));
      case AttributeValue.L(List<AttributeValue> l) ->
          l.stream().map(Notation::show).collect(Collectors.joining(", ", "[", "]"));
      case AttributeValue.M(Map<String, AttributeValue> m) ->
          m.entrySet().stream()
              .map(e -> e.getKey() + ": " + show(e.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }

  private AttributeValue value() {
    skip();
    char c = text.charAt(at);
    if (c == '\'') {
      return new AttributeValue.S(quoted());
    }
    if (text.startsWith("b'", at)) {
      at++;
      return new AttributeValue.B(Bytes.wrap(java.util.HexFormat.of().parseHex(quoted())));
    }
    if (text.startsWith("<<", at)) {
      at += 2;
      return set(values(">>"));
    }
    if (c == '[') {
      at++;
      return new AttributeValue.L(values("]"));
    }
    if (c == '{') {
      at++;
      return new AttributeValue.M(entries());
    }
    String word = word();
    return switch (word) {
      case "true", "false" -> new AttributeValue.Bool(word.equals("true"));
      case "null" -> new AttributeValue.Null();
      default -> AttributeValue.N.of(word);
    };
  }

  private static AttributeValue set(List<AttributeValue> members) {
    return switch (members.getFirst()) {
      case AttributeValue.S _ ->
          new AttributeValue.Ss(members.stream().map(m -> ((AttributeValue.S) m).value()).toList());
      case AttributeValue.N _ ->
          new AttributeValue.Ns(members.stream().map(m -> ((AttributeValue.N) m).value()).toList());
      default ->
          new AttributeValue.Bs(members.stream().map(m -> ((AttributeValue.B) m).value()).toList());
    };
  }

  private List<AttributeValue> values(String end) {
    List<AttributeValue> values = new ArrayList<>();
    while (!accept(end)) {
      values.add(value());
      accept(",");
    }
    return values;
  }

  private Map<String, AttributeValue> entries() {
    Map<String, AttributeValue> entries = new LinkedHashMap<>();
    while (!accept("}")) {
      skip();
      String name = word();
      if (!accept(":")) {
        throw new IllegalArgumentException("no colon at " + at + " in " + text);
      }
      entries.put(name, value());
      accept(",");
    }
    return entries;
  }

  private String quoted() {
    int end = text.indexOf('\'', at + 1);
    String word = text.substring(at + 1, end);
    at = end + 1;
    return word;
  }

  private String word() {
    int start = at;
    if (text.charAt(at) == ':' || text.charAt(at) == '#') {
      at++;
    }
    while (at < text.length() && " ,:]}>".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private boolean accept(String sign) {
    skip();
    if (!text.startsWith(sign, at)) {
      return false;
    }
    at += sign.length();
    return true;
  }

  private void skip() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
