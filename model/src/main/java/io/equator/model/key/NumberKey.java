package io.equator.model.key;

import io.equator.model.item.CorruptItemException;
import io.equator.model.number.DynamoNumber;
import io.equator.model.number.NumberException;

/**
 * Numbers as bytes in the order of the numbers, to all 38 digits. Layout: see {@link KeyCodec}.
 *
 * <p>Written straight from the canonical text of an encoded item, because no key is looked at as a
 * number on its way to the store.
 */
final class NumberKey {
  private static final byte NEGATIVE = 1;
  private static final byte ZERO = 2;
  private static final byte POSITIVE = 3;

  /** Added to exponents, which lie between -129 and 126. */
  private static final int EXPONENT_BIAS = 129;

  private static final int DIGITS_MAX = 38;

  /** The longest encoded number: sign, exponent, 19 pairs, end. */
  static final int LENGTH_MAX = 2 + DIGITS_MAX / 2 + 1;

  private NumberKey() {}

  /**
   * Writes the number with this canonical text.
   *
   * @return the position after it
   */
  static int encode(byte[] text, int offset, int length, byte[] target, int start) {
    int end = offset + length;
    boolean negative = length > 0 && text[offset] == '-';
    int from = negative ? offset + 1 : offset;
    int point = end;
    int first = -1; // the first and the last digit that is not zero
    int last = -1;
    for (int i = from; i < end; i++) {
      byte c = text[i];
      if (c == '.' && point == end) {
        point = i;
      } else if (c < '0' || c > '9') {
        throw new CorruptItemException("no digit in an encoded number: " + c);
      } else if (c != '0') {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (first < 0) {
      target[start] = ZERO;
      return start + 1;
    }
    int exponent = first < point ? point - first : point + 1 - first;
    int digitCount = last - first + (first < point && point < last ? 0 : 1);
    if (digitCount > DIGITS_MAX || exponent < -EXPONENT_BIAS || exponent > 0xFF - EXPONENT_BIAS) {
      throw new CorruptItemException("an encoded number is not canonical");
    }
    int flip = negative ? 0xFF : 0;
    int at = start;
    target[at++] = negative ? NEGATIVE : POSITIVE;
    target[at++] = (byte) ((exponent + EXPONENT_BIAS) ^ flip);
    for (int i = first; i <= last; ) {
      i = text[i] == '.' ? i + 1 : i;
      int tens = text[i++] - '0';
      i = i <= last && text[i] == '.' ? i + 1 : i;
      int ones = i <= last ? text[i++] - '0' : 0;
      target[at++] = (byte) ((tens * 10 + ones + 1) ^ flip);
    }
    target[at++] = (byte) flip;
    return at;
  }

  /** The position after the encoded number that begins here. */
  static int end(byte[] bytes, int offset, int limit) {
    if (offset >= limit) {
      throw cutOff();
    }
    if (bytes[offset] == ZERO) {
      return offset + 1;
    }
    byte terminator = (byte) (bytes[offset] == NEGATIVE ? 0xFF : 0);
    for (int i = offset + 2; i < Math.min(limit, offset + LENGTH_MAX); i++) {
      if (bytes[i] == terminator) {
        return i + 1;
      }
    }
    throw cutOff();
  }

  /** The number in this slice, which must be all of it. */
  static DynamoNumber decode(byte[] bytes, int offset, int limit) {
    if (end(bytes, offset, limit) != limit) {
      throw new CorruptItemException("bytes after the end of an encoded number key");
    }
    byte sign = bytes[offset];
    if (sign == ZERO) {
      return DynamoNumber.ZERO;
    }
    if (sign != NEGATIVE && sign != POSITIVE) {
      throw new CorruptItemException("no number key begins with " + sign);
    }
    int flip = sign == NEGATIVE ? 0xFF : 0;
    int exponent = ((bytes[offset + 1] & 0xFF) ^ flip) - EXPONENT_BIAS;
    byte[] digits = new byte[DIGITS_MAX];
    int count = 0;
    for (int i = offset + 2; i < limit - 1; i++) {
      int pair = ((bytes[i] & 0xFF) ^ flip) - 1;
      if (pair < 0 || pair > 99) {
        throw new CorruptItemException("no two digits in a number key: " + pair);
      }
      digits[count++] = (byte) (pair / 10);
      digits[count++] = (byte) (pair % 10);
    }
    while (count > 0 && digits[count - 1] == 0) {
      count--;
    }
    if (count == 0 || digits[0] == 0) {
      throw new CorruptItemException("a number key that is not normalized");
    }
    try {
      return DynamoNumber.ofDigits(sign == NEGATIVE, digits, count, exponent);
    } catch (NumberException e) {
      throw new CorruptItemException("a number key that is no number: " + e.getMessage());
    }
  }

  private static CorruptItemException cutOff() {
    return new CorruptItemException("an encoded number key is cut off");
  }
}
