package io.equator.model.number;

/** Why a text or a result is not a number that can be stored. */
public enum NumberFault {
  /** The text is no decimal number. */
  NOT_A_NUMBER,
  /** The magnitude is 1E+126 or more. */
  OVERFLOW,
  /**
   * Like {@link #OVERFLOW}, with an exponent so large that the older validator's 32-bit arithmetic
   * wraps around and calls it an underflow.
   */
  OVERFLOW_THAT_WRAPS,
  /** The magnitude is below 1E-130, and not zero. */
  UNDERFLOW,
  /** More than 38 significant digits are needed. */
  TOO_MANY_DIGITS
}
