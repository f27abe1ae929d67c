package io.equator.node.dump;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import java.util.List;
import java.util.Map;

/**
 * One JSON object on one line, written member by member. Items are written as the API writes them,
 * numbers as strings.
 *
 * <p>For offline printing only: the API's answers have a faster writer.
 */
final class JsonLine {
  private final StringBuilder text = new StringBuilder("{");

  JsonLine field(String name, String value) {
    name(name);
    string(value);
    return this;
  }

  JsonLine field(String name, long value) {
    name(name);
    text.append(value);
    return this;
  }

  JsonLine field(String name, boolean value) {
    name(name);
    text.append(value);
    return this;
  }

  /** A number that is compared as unsigned, in hexadecimal. */
  JsonLine hex(String name, long value) {
    return field(name, hex(value));
  }

  JsonLine field(String name, EncodedItem item) {
    name(name);
    attributes(item.toMap());
    return this;
  }

  JsonLine field(String name, List<JsonLine> lines) {
    name(name);
    list(lines, line -> text.append(line.end()));
    return this;
  }

  /** The whole line, without an end of line. */
  String end() {
    return text + "}";
  }

  /** An item alone. */
  static String item(EncodedItem item) {
    JsonLine line = new JsonLine();
    line.text.setLength(0);
    line.attributes(item.toMap());
    return line.text.toString();
  }

  static String hex(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }

  private void name(String name) {
    if (text.length() > 1) {
      text.append(',');
    }
    string(name);
    text.append(':');
  }

  private void attributes(Map<String, AttributeValue> attributes) {
    text.append('{');
    String separator = "";
    for (Map.Entry<String, AttributeValue> attribute : attributes.entrySet()) {
      text.append(separator);
      separator = ",";
      string(attribute.getKey());
      text.append(':');
      value(attribute.getValue());
    }
    text.append('}');
  }

  private void value(AttributeValue value) {
    text.append("{\"").append(value.typeName()).append("\":");
    switch (value) {
      case AttributeValue.S(var string) -> string(string);
      case AttributeValue.N(var number) -> string(number.toString());
      case AttributeValue.B(var bytes) -> string(bytes.toBase64());
      case AttributeValue.Bool(var bool) -> text.append(bool);
      case AttributeValue.Null() -> text.append(true);
      case AttributeValue.Ss(var strings) -> list(strings, this::string);
      case AttributeValue.Ns(var numbers) -> list(numbers, number -> string(number.toString()));
      case AttributeValue.Bs(var binaries) -> list(binaries, bytes -> string(bytes.toBase64()));
      case AttributeValue.L(var values) -> list(values, this::value);
      case AttributeValue.M(var values) -> attributes(values);
    }
    text.append('}');
  }

  private interface Written<T> {
    void write(T member);
  }

  private <T> void list(List<T> members, Written<T> writer) {
    text.append('[');
    for (int i = 0; i < members.size(); i++) {
      if (i > 0) {
        text.append(',');
      }
      writer.write(members.get(i));
    }
    text.append(']');
  }

  private void string(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < 0x20 || (Character.isSurrogate(c) && !paired(value, i))) {
            String digits = Integer.toHexString(c);
            text.append("\\u").append("0".repeat(4 - digits.length())).append(digits);
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  private static boolean paired(String value, int at) {
    return Character.isHighSurrogate(value.charAt(at))
        ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
  }
}
