package io.equator.model.item;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** DynamoDB's item size, straight from the table of rules. */
final class NaiveSize {
  private NaiveSize() {}

  static int ofItem(Map<String, AttributeValue> item) {
    int size = 0;
    for (Map.Entry<String, AttributeValue> entry : item.entrySet()) {
      size += utf8(entry.getKey()) + of(entry.getValue());
    }
    return size;
  }

  static int of(AttributeValue value) {
    return switch (value) {
      case AttributeValue.S(String text) -> utf8(text);
      case AttributeValue.B(Bytes bytes) -> bytes.length();
      case AttributeValue.N(var number) -> ofNumber(number.toBigDecimal());
      case AttributeValue.Bool _, AttributeValue.Null _ -> 1;
      case AttributeValue.Ss(var values) -> values.stream().mapToInt(NaiveSize::utf8).sum();
      case AttributeValue.Ns(var values) ->
          values.stream().mapToInt(number -> ofNumber(number.toBigDecimal())).sum();
      case AttributeValue.Bs(var values) -> values.stream().mapToInt(Bytes::length).sum();
      case AttributeValue.L(var values) ->
          3 + values.stream().mapToInt(element -> 1 + of(element)).sum();
      case AttributeValue.M(var values) ->
          3
              + values.entrySet().stream()
                  .mapToInt(entry -> 1 + utf8(entry.getKey()) + of(entry.getValue()))
                  .sum();
    };
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Digits before and after the point, without the zeros at both ends of the number. */
  static int ofNumber(BigDecimal number) {
    String plain = number.abs().toPlainString();
    String before = plain.contains(".") ? plain.substring(0, plain.indexOf('.')) : plain;
    String after = plain.contains(".") ? plain.substring(plain.indexOf('.') + 1) : "";
    after = after.replaceAll("0+$", "");
    before = before.replaceAll("^0+", "");
    if (after.isEmpty()) {
      before = before.replaceAll("0+$", "");
    }
    if (before.isEmpty()) {
      after = after.replaceAll("^0+", "");
    }
    return 1 + (before.length() + 1) / 2 + (after.length() + 1) / 2 + (number.signum() < 0 ? 1 : 0);
  }
}
