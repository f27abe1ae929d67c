package io.equator.model.number;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A number as DynamoDB stores it: exact, decimal, at most 38 significant digits.
 *
 * <p>Kept as {@code ±0.d1 d2 … dn × 10^exponent}, without zeros at either end of the digits, so
 * that equal numbers are equal objects and comparison, canonical text, size and key bytes are plain
 * loops over digits. Zero has no digits and no sign.
 */
public final class DynamoNumber implements Comparable<DynamoNumber> {
  /** The number 0. */
  public static final DynamoNumber ZERO = new DynamoNumber(false, new byte[0], 0);

  /** Sums of operands whose digits all fit below 10^17 are done in {@code long}. */
  private static final int LONG_DIGITS_MAX = 17;

  private final boolean negative;
  private final byte[] digits;
  private final int exponent;
  private @Nullable String text;

  private DynamoNumber(boolean negative, byte[] digits, int exponent) {
    this.negative = negative;
    this.digits = digits;
    this.exponent = exponent;
  }

  /**
   * Reads a text.
   *
   * @throws NumberException when it is no number, or not one that can be stored
   */
  public static DynamoNumber parse(CharSequence text) {
    NumberReader reader = new NumberReader();
    NumberFault fault = reader.read(text);
    if (fault != null) {
      throw new NumberException(fault, text.toString());
    }
    return reader.toNumber();
  }

  /** The number of this value; every {@code long} fits. */
  public static DynamoNumber of(long value) {
    return ofScaled(value, 0);
  }

  /**
   * The number from its parts; the digits are copied and must be as the class says. For readers of
   * stored forms.
   *
   * @throws NumberException when the parts are out of range
   */
  public static DynamoNumber ofDigits(
      boolean negative, byte[] digits, int digitCount, int exponent) {
    if (digitCount == 0) {
      return ZERO;
    }
    checkRange(digitCount, exponent);
    return new DynamoNumber(negative, Arrays.copyOf(digits, digitCount), exponent);
  }

  /**
   * The number of a {@code BigDecimal}.
   *
   * @throws NumberException when it cannot be stored
   */
  public static DynamoNumber of(BigDecimal value) {
    if (value.signum() == 0) {
      return ZERO;
    }
    byte[] unscaled = value.unscaledValue().abs().toString().getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < unscaled.length; i++) {
      unscaled[i] -= (byte) '0';
    }
    return ofUnscaled(value.signum() < 0, unscaled, unscaled.length, value.scale());
  }

  private static DynamoNumber ofScaled(long value, int scale) {
    if (value == 0) {
      return ZERO;
    }
    byte[] reversed = new byte[19];
    int count = 0;
    for (long rest = value; rest != 0; rest /= 10) {
      reversed[count++] = (byte) Math.abs(rest % 10);
    }
    byte[] forward = new byte[count];
    for (int i = 0; i < count; i++) {
      forward[i] = reversed[count - 1 - i];
    }
    return ofUnscaled(value < 0, forward, count, scale);
  }

  /** From an integer without leading zeros, divided by ten to the scale. */
  private static DynamoNumber ofUnscaled(boolean negative, byte[] digits, int count, int scale) {
    int kept = count;
    while (digits[kept - 1] == 0) {
      kept--;
    }
    checkRange(kept, (long) count - scale);
    return new DynamoNumber(negative, Arrays.copyOf(digits, kept), count - scale);
  }

  private static void checkRange(int digitCount, long exponent) {
    if (exponent > NumberReader.EXPONENT_MAX) {
      throw new NumberException(NumberFault.OVERFLOW, "");
    }
    if (exponent < NumberReader.EXPONENT_MIN) {
      throw new NumberException(NumberFault.UNDERFLOW, "");
    }
    if (digitCount > NumberReader.DIGITS_MAX) {
      throw new NumberException(NumberFault.TOO_MANY_DIGITS, "");
    }
  }

  /** -1, 0 or 1. */
  public int signum() {
    return digits.length == 0 ? 0 : negative ? -1 : 1;
  }

  /** How many significant digits there are, 0 for zero. */
  public int digitCount() {
    return digits.length;
  }

  /** The significant digit at this place, from the left. */
  public int digit(int index) {
    return digits[index];
  }

  /** Where the point is: {@code 0.d1 d2 … × 10^exponent}. */
  public int exponent() {
    return exponent;
  }

  /** DynamoDB's size of this number in bytes. */
  public int sizeBytes() {
    return NumberReader.sizeBytes(negative, digits.length, exponent);
  }

  /**
   * The exact sum.
   *
   * @throws NumberException when it leaves the range or needs more than 38 digits
   */
  public DynamoNumber add(DynamoNumber other) {
    return plus(other, false);
  }

  /**
   * The exact difference.
   *
   * @throws NumberException when it leaves the range or needs more than 38 digits
   */
  public DynamoNumber subtract(DynamoNumber other) {
    return plus(other, true);
  }

  private DynamoNumber plus(DynamoNumber other, boolean negated) {
    if (other.digits.length == 0) {
      return this;
    }
    int scale = Math.max(scale(), other.scale());
    if (integerDigits() + scale <= LONG_DIGITS_MAX
        && other.integerDigits() + scale <= LONG_DIGITS_MAX
        && scale <= LONG_DIGITS_MAX) {
      long right = other.unscaled(scale);
      return ofScaled(unscaled(scale) + (negated ? -right : right), scale);
    }
    BigDecimal left = toBigDecimal();
    BigDecimal right = other.toBigDecimal();
    return of(negated ? left.subtract(right) : left.add(right));
  }

  /** Digits after the point. */
  private int scale() {
    return Math.max(0, digits.length - exponent);
  }

  /** Digits before the point, with the zeros that stand there. */
  private int integerDigits() {
    return Math.max(0, exponent);
  }

  private long unscaled(int scale) {
    long value = 0;
    int places = exponent + scale;
    for (int i = 0; i < places; i++) {
      value = value * 10 + (i < digits.length ? digits[i] : 0);
    }
    return negative ? -value : value;
  }

  /** The same value as a {@code BigDecimal}. */
  public BigDecimal toBigDecimal() {
    if (digits.length == 0) {
      return BigDecimal.ZERO;
    }
    byte[] ascii = new byte[digits.length];
    for (int i = 0; i < digits.length; i++) {
      ascii[i] = (byte) ('0' + digits[i]);
    }
    BigInteger magnitude = new BigInteger(new String(ascii, StandardCharsets.US_ASCII));
    return new BigDecimal(negative ? magnitude.negate() : magnitude, digits.length - exponent);
  }

  @Override
  public int compareTo(DynamoNumber other) {
    int sign = signum();
    if (sign != other.signum()) {
      return Integer.compare(sign, other.signum());
    }
    int magnitude =
        exponent != other.exponent
            ? Integer.compare(exponent, other.exponent)
            : Arrays.compare(digits, other.digits);
    return negative ? -magnitude : magnitude;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DynamoNumber that
        && negative == that.negative
        && exponent == that.exponent
        && Arrays.equals(digits, that.digits);
  }

  @Override
  public int hashCode() {
    return (Arrays.hashCode(digits) * 31 + exponent) * 31 + (negative ? 1 : 0);
  }

  /** The canonical text: plain decimal, no exponent, no zeros that say nothing. */
  @Override
  public String toString() {
    String known = text;
    if (known == null) {
      byte[] ascii = new byte[NumberReader.TEXT_LENGTH_MAX];
      int end = NumberReader.write(negative, digits, digits.length, exponent, ascii, 0);
      known = new String(ascii, 0, end, StandardCharsets.US_ASCII);
      text = known;
    }
    return known;
  }
}
