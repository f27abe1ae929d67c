package io.equator.model.expression;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.Utf8;

/** The order of strings, numbers and binaries that comparators and BETWEEN go by. */
public final class ValueOrder {

  private ValueOrder() {}

  /** Whether two values stand in an order: both of one type, and that S, N or B. */
  public static boolean comparable(AttributeValue left, AttributeValue right) {
    return left.type() == right.type() && left.type().isKeyType();
  }

  /** Negative, zero or positive; 0 for values that are not {@link #comparable}. */
  public static int compare(AttributeValue left, AttributeValue right) {
    return switch (left) {
      case AttributeValue.S(String a) when right instanceof AttributeValue.S(String b) ->
          Utf8.compare(a, b);
      case AttributeValue.N(var a) when right instanceof AttributeValue.N(var b) -> a.compareTo(b);
      case AttributeValue.B(var a) when right instanceof AttributeValue.B(var b) -> a.compareTo(b);
      default -> 0;
    };
  }
}
