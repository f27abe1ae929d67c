package io.equator.model.number;

/**
 * A text that is no storable number, or a result that left the range or the precision. No stack
 * trace: bad input is an ordinary answer.
 */
public final class NumberException extends RuntimeException {
  private final NumberFault fault;
  private final String text;

  /** What is wrong, and the raw text when the fault is in a text (empty for results). */
  public NumberException(NumberFault fault, String text) {
    super(message(fault, text), null, false, false);
    this.fault = fault;
    this.text = text;
  }

  /** What is wrong. */
  public NumberFault fault() {
    return fault;
  }

  /** The text as it was given; empty for the result of a calculation. */
  public String text() {
    return text;
  }

  /** What the service says about this fault, for a text where it shows one. */
  public static String message(NumberFault fault, String text) {
    return switch (fault) {
      case NOT_A_NUMBER -> "The parameter cannot be converted to a numeric value: " + text;
      case OVERFLOW, OVERFLOW_THAT_WRAPS ->
          "Number overflow. Attempting to store a number with magnitude larger than supported"
              + " range";
      case UNDERFLOW ->
          "Number underflow. Attempting to store a number with magnitude smaller than supported"
              + " range";
      case TOO_MANY_DIGITS -> "Attempting to store more than 38 significant digits in a Number";
    };
  }
}
