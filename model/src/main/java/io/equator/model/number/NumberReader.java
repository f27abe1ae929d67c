package io.equator.model.number;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of a number into digits and exponent, and writes the canonical text, without
 * allocating. Reusable; owned by one thread.
 *
 * <p>A number that was read is {@code 0.d1 d2 … dn × 10^exponent} with {@code d1} and {@code dn}
 * not zero, {@code 1 ≤ n ≤ 38} and {@code -129 ≤ exponent ≤ 126}; or zero, with no digits and
 * exponent 0, which has no sign.
 *
 * <p>The grammar is that of {@code java.math.BigDecimal}, which the real service visibly uses,
 * limited to ASCII digits: an optional sign, digits with an optional point, and an optional
 * exponent that fits 32 bits.
 */
public final class NumberReader {
  /** The most significant digits a number can have. */
  public static final int DIGITS_MAX = 38;

  /** Exponent of the greatest magnitude, 9.99…E+125, in the form used here. */
  static final int EXPONENT_MAX = 126;

  /** Exponent of the smallest magnitude, 1E-130, in the form used here. */
  static final int EXPONENT_MIN = -129;

  /** The longest canonical text: sign, "0.", 129 zeros, 38 digits. */
  public static final int TEXT_LENGTH_MAX = 1 + 2 + 129 + DIGITS_MAX;

  private static final int EXPONENT_DIGITS_MAX = 10;

  private final AsciiView view = new AsciiView();
  private final byte[] digits = new byte[DIGITS_MAX];
  private int digitCount;
  private int exponent;
  private boolean negative;

  /** Reads a text of ASCII bytes; the fault, or null when a number was read. */
  public @Nullable NumberFault read(byte[] text, int offset, int length) {
    view.array = text;
    view.offset = offset;
    view.length = length;
    return read(view);
  }

  /** Reads a text; the fault, or null when a number was read. */
  public @Nullable NumberFault read(CharSequence text) {
    int length = text.length();
    int at = 0;
    negative = false;
    digitCount = 0;
    exponent = 0;
    if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      negative = text.charAt(at) == '-';
      at++;
    }

    // Digits before and after the point. Significant ones are kept up to 38, more are counted only:
    // whether they matter is known once the trailing zeros are.
    int seen = 0; // digits of any kind
    int significant = 0; // from the first that is not zero
    int lastNonZero = 0; // significant digits up to and including the last that is not zero
    long pointAt = 0; // position of the point, counted in significant digits
    boolean point = false;
    for (; at < length; at++) {
      char c = text.charAt(at);
      if (c >= '0' && c <= '9') {
        seen++;
        if (c != '0' || significant > 0) {
          if (significant < DIGITS_MAX) {
            digits[significant] = (byte) (c - '0');
          }
          significant++;
          if (c != '0') {
            lastNonZero = significant;
          }
          if (!point) {
            pointAt++;
          }
        } else if (point) {
          pointAt--; // a zero between the point and the first significant digit
        }
      } else if (c == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (seen == 0) {
      return NumberFault.NOT_A_NUMBER;
    }

    long power = 0;
    if (at < length) {
      if (text.charAt(at) != 'e' && text.charAt(at) != 'E') {
        return NumberFault.NOT_A_NUMBER;
      }
      at++;
      boolean negativePower = false;
      if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
        negativePower = text.charAt(at) == '-';
        at++;
      }
      if (at == length) {
        return NumberFault.NOT_A_NUMBER;
      }
      int powerDigits = 0;
      for (; at < length; at++) {
        char c = text.charAt(at);
        if (c < '0' || c > '9') {
          return NumberFault.NOT_A_NUMBER;
        }
        if (power != 0 || c != '0') {
          if (++powerDigits > EXPONENT_DIGITS_MAX) {
            return NumberFault.NOT_A_NUMBER;
          }
          power = power * 10 + (c - '0');
        }
      }
      if (power > Integer.MAX_VALUE) {
        return NumberFault.NOT_A_NUMBER;
      }
      power = negativePower ? -power : power;
    }
    return settle(lastNonZero, pointAt + power);
  }

  private @Nullable NumberFault settle(int significant, long newExponent) {
    if (significant == 0) {
      negative = false;
      return null;
    }
    if (newExponent > EXPONENT_MAX) {
      return newExponent > Integer.MAX_VALUE
          ? NumberFault.OVERFLOW_THAT_WRAPS
          : NumberFault.OVERFLOW;
    }
    if (newExponent < EXPONENT_MIN) {
      return NumberFault.UNDERFLOW;
    }
    if (significant > DIGITS_MAX) {
      return NumberFault.TOO_MANY_DIGITS;
    }
    digitCount = significant;
    exponent = (int) newExponent;
    return null;
  }

  /** DynamoDB's size of the number that was read, in bytes. */
  public int sizeBytes() {
    return sizeBytes(negative, digitCount, exponent);
  }

  /**
   * 1 byte, 1 for two digits before the point, 1 for two digits after it, 1 for a minus sign; zeros
   * at both ends of the number do not count.
   */
  static int sizeBytes(boolean negative, int digitCount, int exponent) {
    int before = Math.clamp(exponent, 0, digitCount);
    int after = digitCount - before;
    return 1 + (before + 1) / 2 + (after + 1) / 2 + (negative ? 1 : 0);
  }

  /**
   * Writes the canonical text of the number that was read: plain, without exponent, without zeros
   * that say nothing.
   *
   * @param target has room for {@link #TEXT_LENGTH_MAX} bytes from {@code at}
   * @return the position after the text
   */
  public int write(byte[] target, int at) {
    return write(negative, digits, digitCount, exponent, target, at);
  }

  static int write(
      boolean negative, byte[] digits, int digitCount, int exponent, byte[] target, int start) {
    int at = start;
    if (digitCount == 0) {
      target[at] = '0';
      return at + 1;
    }
    if (negative) {
      target[at++] = '-';
    }
    if (exponent <= 0) {
      target[at++] = '0';
      target[at++] = '.';
      for (int i = exponent; i < 0; i++) {
        target[at++] = '0';
      }
    }
    for (int i = 0; i < digitCount; i++) {
      if (i == exponent && i > 0) {
        target[at++] = '.';
      }
      target[at++] = (byte) ('0' + digits[i]);
    }
    for (int i = digitCount; i < exponent; i++) {
      target[at++] = '0';
    }
    return at;
  }

  /** The number that was read, as a value. */
  public DynamoNumber toNumber() {
    return DynamoNumber.ofDigits(negative, digits, digitCount, exponent);
  }

  /** Bytes as characters; a byte above 127 becomes one that no number has. */
  private static final class AsciiView implements CharSequence {
    private byte[] array = new byte[0];
    private int offset;
    private int length;

    @Override
    public int length() {
      return length;
    }

    @Override
    public char charAt(int index) {
      return (char) array[offset + index];
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return toString().substring(start, end);
    }

    @Override
    public String toString() {
      return new String(array, offset, length, StandardCharsets.ISO_8859_1);
    }
  }
}
