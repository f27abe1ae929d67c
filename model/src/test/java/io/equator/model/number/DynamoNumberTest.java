package io.equator.model.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.item.RandomValues;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers: what is accepted, how it is written, how it is added. */
class DynamoNumberTest {
  private static final String NINES = "9".repeat(38);

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0, 0, 1
          -0, 0, 1
          0.000, 0, 1
          0e999999999, 0, 1
          00042, 42, 2
          +7, 7, 2
          42, 42, 2
          -42, -42, 3
          100, 100, 2
          1.0, 1, 2
          3.1400, 3.14, 3
          1.5E2, 150, 2
          1E2, 100, 2
          1e-2, 0.01, 2
          .5, 0.5, 2
          5., 5, 2
          -0.001, -0.001, 3
          1.001, 1.001, 4
          100.5, 100.5, 4
          123456789.987654321, 123456789.987654321, 11
          -12.5e+1, -125, 4
          0.0000000000000000000000000000000000000000000000001e49, 1, 2
          """)
  void writesOneTextPerNumberAndCountsItsSize(String text, String canonical, int size) {
    DynamoNumber number = DynamoNumber.parse(text);

    assertThat(number.toString()).isEqualTo(canonical);
    assertThat(number.sizeBytes()).isEqualTo(size);
    assertThat(number).isEqualTo(DynamoNumber.parse(canonical));
    byte[] ascii = canonical.getBytes(StandardCharsets.US_ASCII);
    assertThat(NumberText.sizeBytes(ascii, 0, ascii.length)).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " 1",
        "1 ",
        "0x10",
        "1e",
        "1e+",
        "1.2.3",
        "NaN",
        "Infinity",
        "abc",
        "-",
        "+",
        ".",
        "--1",
        "1e5.",
        "e5",
        "1,5",
        "١",
        "1e2147483648",
        "1e99999999999999999999",
        "1_0",
        "1f"
      })
  void refusesWhatIsNoNumber(String text) {
    assertFault(text, NumberFault.NOT_A_NUMBER);
    assertThatThrownBy(() -> DynamoNumber.parse(text))
        .hasMessage("The parameter cannot be converted to a numeric value: " + text);
  }

  @Test
  void theRangeEndsWhereDynamoDbsDoes() {
    assertThat(DynamoNumber.parse("9." + "9".repeat(37) + "E+125").toString())
        .isEqualTo(NINES + "0".repeat(88));
    assertThat(DynamoNumber.parse("-9." + "9".repeat(37) + "E+125").signum()).isEqualTo(-1);
    assertThat(DynamoNumber.parse("1E-130").toString()).isEqualTo("0." + "0".repeat(129) + "1");
    assertThat(DynamoNumber.parse("-1E-130").sizeBytes()).isEqualTo(3);
    assertFault("1E126", NumberFault.OVERFLOW);
    assertFault("-1E126", NumberFault.OVERFLOW);
    assertFault("10E125", NumberFault.OVERFLOW);
    assertFault("9.9E-131", NumberFault.UNDERFLOW);
    assertFault("-0.1E-130", NumberFault.UNDERFLOW);
    assertFault("1e2147483647", NumberFault.OVERFLOW_THAT_WRAPS);
    assertFault("1e2147483646", NumberFault.OVERFLOW);
    assertFault("1e-2147483647", NumberFault.UNDERFLOW);
  }

  @Test
  void thirtyEightDigitsAreTheMost() {
    assertThat(DynamoNumber.parse(NINES).toString()).isEqualTo(NINES);
    assertThat(DynamoNumber.parse("000" + NINES + "000").digitCount()).isEqualTo(38);
    assertThat(DynamoNumber.parse("0.000" + NINES + "000").digitCount()).isEqualTo(38);
    assertFault(NINES + "9", NumberFault.TOO_MANY_DIGITS);
    assertFault("1" + "0".repeat(37) + "1", NumberFault.TOO_MANY_DIGITS);
    assertFault("1." + "0".repeat(37) + "1", NumberFault.TOO_MANY_DIGITS);
    // The range comes before the digits.
    assertFault("1" + "0".repeat(200) + "1", NumberFault.OVERFLOW);
  }

  @Test
  void sumsThatCannotBeStoredAreRefused() {
    DynamoNumber large = DynamoNumber.parse("9." + "9".repeat(37) + "E+125");
    assertThatThrownBy(() -> large.add(large))
        .hasMessageStartingWith("Number overflow. Attempting to store a number with magnitude");
    assertThatThrownBy(() -> DynamoNumber.parse("1E100").add(DynamoNumber.of(1)))
        .hasMessage("Attempting to store more than 38 significant digits in a Number");
    assertThat(large.subtract(large)).isEqualTo(DynamoNumber.ZERO);
  }

  @RepeatedTest(20)
  void agreesWithBigDecimal(RepetitionInfo repetition) {
    RandomValues values = new RandomValues(new Random(repetition.getCurrentRepetition()));
    for (int i = 0; i < 500; i++) {
      String leftText = values.numberText();
      String rightText = i % 10 == 0 ? leftText : values.numberText();
      DynamoNumber left = DynamoNumber.parse(leftText);
      DynamoNumber right = DynamoNumber.parse(rightText);
      BigDecimal a = new BigDecimal(leftText);
      BigDecimal b = new BigDecimal(rightText);

      assertThat(left.toString()).isEqualTo(canonical(a));
      assertThat(left.toBigDecimal()).isEqualByComparingTo(a);
      assertThat(DynamoNumber.of(a)).isEqualTo(left);
      assertThat(Integer.signum(left.compareTo(right))).isEqualTo(a.compareTo(b));
      assertThat(left.equals(right)).isEqualTo(a.compareTo(b) == 0);
      byte[] l = left.toString().getBytes(StandardCharsets.US_ASCII);
      byte[] r = right.toString().getBytes(StandardCharsets.US_ASCII);
      assertThat(Integer.signum(NumberText.compare(l, 0, l.length, r, 0, r.length)))
          .isEqualTo(a.compareTo(b));
      assertThat(sum(left, right, false)).as("%s + %s", a, b).isEqualTo(naive(a.add(b)));
      assertThat(sum(left, right, true)).as("%s - %s", a, b).isEqualTo(naive(a.subtract(b)));
    }
  }

  private static String sum(DynamoNumber left, DynamoNumber right, boolean negated) {
    try {
      return (negated ? left.subtract(right) : left.add(right)).toString();
    } catch (NumberException e) {
      return e.fault().toString();
    }
  }

  private static String naive(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    if (stripped.signum() != 0) {
      if (stripped.abs().compareTo(new BigDecimal("1E126")) >= 0) {
        return NumberFault.OVERFLOW.toString();
      }
      if (stripped.abs().compareTo(new BigDecimal("1E-130")) < 0) {
        return NumberFault.UNDERFLOW.toString();
      }
    }
    return stripped.precision() > 38 ? NumberFault.TOO_MANY_DIGITS.toString() : canonical(value);
  }

  private static String canonical(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  private static void assertFault(String text, NumberFault fault) {
    assertThat(new NumberReader().read(text)).as(text).isEqualTo(fault);
  }
}
