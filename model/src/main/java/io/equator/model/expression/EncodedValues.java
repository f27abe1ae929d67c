package io.equator.model.expression;

import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ValueType;
import java.util.Arrays;

/**
 * What comparators and functions ask of encoded values. UTF-8 keeps the order and the parts of
 * strings, so strings are treated as the bytes they are stored as.
 */
final class EncodedValues {

  private EncodedValues() {}

  /** Whether both are of one type that has an order. */
  static boolean comparable(EncodedValue left, EncodedValue right) {
    return left.type() == right.type() && left.type().isKeyType();
  }

  /** Negative, zero or positive; only for {@link #comparable} values. */
  static int compare(EncodedValue left, EncodedValue right) {
    if (left.type() == ValueType.N) {
      return left.number().compareTo(right.number());
    }
    int leftAt = left.payloadOffset();
    int rightAt = right.payloadOffset();
    return Arrays.compareUnsigned(
        left.array(),
        leftAt,
        leftAt + left.payloadLength(),
        right.array(),
        rightAt,
        rightAt + right.payloadLength());
  }

  /** {@code begins_with}. */
  static boolean beginsWith(EncodedValue value, EncodedValue prefix) {
    return value.type() == prefix.type()
        && (value.type() == ValueType.S || value.type() == ValueType.B)
        && value.payloadLength() >= prefix.payloadLength()
        && samePayload(value.array(), value.payloadOffset(), prefix);
  }

  /** {@code contains}: part of a string or binary, member of a set, element of a list. */
  static boolean contains(EncodedValue whole, EncodedValue part) {
    ValueType type = whole.type();
    return switch (type) {
      case S, B -> part.type() == type && containsBytes(whole, part);
      case SS, NS, BS -> part.type() == type.memberType() && containsMember(whole, part);
      case L -> containsElement(whole, part);
      case N, BOOL, NULL, M -> false;
    };
  }

  private static boolean containsBytes(EncodedValue container, EncodedValue part) {
    int last = container.payloadLength() - part.payloadLength();
    for (int i = 0; i <= last; i++) {
      if (samePayload(container.array(), container.payloadOffset() + i, part)) {
        return true;
      }
    }
    return false;
  }

  private static boolean containsMember(EncodedValue set, EncodedValue member) {
    ItemCursor cursor = inside(set);
    while (cursor.next()) {
      if (cursor.payloadLength() == member.payloadLength()
          && samePayload(cursor.array(), cursor.payloadOffset(), member)) {
        return true;
      }
    }
    return false;
  }

  private static boolean containsElement(EncodedValue list, EncodedValue element) {
    ItemCursor cursor = inside(list);
    while (cursor.next()) {
      if (cursor.type() == element.type() && cursor.value().contentEquals(element)) {
        return true;
      }
    }
    return false;
  }

  private static boolean samePayload(byte[] array, int at, EncodedValue value) {
    int length = value.payloadLength();
    int from = value.payloadOffset();
    return Arrays.equals(array, at, at + length, value.array(), from, from + length);
  }

  private static ItemCursor inside(EncodedValue container) {
    ItemCursor cursor = new ItemCursor();
    cursor.reset(container);
    if (!cursor.next()) {
      throw new IllegalStateException("a value that is not there");
    }
    cursor.enter();
    return cursor;
  }

  /** {@code size}; -1 for types that have none. */
  static long size(EncodedValue value) {
    return switch (value.type()) {
      case S -> utf16Units(value);
      case B -> value.payloadLength();
      case SS, NS, BS, L, M -> inside(value).remaining();
      case N, BOOL, NULL -> -1;
    };
  }

  /** The service counts a string as Java does: characters beyond the basic plane are two. */
  private static int utf16Units(EncodedValue string) {
    byte[] array = string.array();
    int end = string.payloadOffset() + string.payloadLength();
    int units = 0;
    for (int i = string.payloadOffset(); i < end; i++) {
      int b = array[i];
      if ((b & 0xC0) != 0x80) {
        units += (b & 0xF8) == 0xF0 ? 2 : 1;
      }
    }
    return units;
  }

  /**
   * A count as a value. Written here as {@link io.equator.model.item.EncodedItem} lays numbers out,
   * because filters make one per item.
   */
  static EncodedValue count(long count) {
    int digits = 1;
    for (long rest = count; rest >= 10; rest /= 10) {
      digits++;
    }
    byte[] bytes = new byte[2 + digits];
    bytes[0] = ValueType.N.tag();
    bytes[1] = (byte) digits;
    long rest = count;
    for (int i = bytes.length - 1; i >= 2; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return EncodedValue.wrap(bytes);
  }
}
