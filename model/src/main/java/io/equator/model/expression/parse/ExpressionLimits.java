package io.equator.model.expression.parse;

/** DynamoDB's limits on one expression, and ours on the depth of what we build from it. */
public final class ExpressionLimits {
  /** Bytes of the text as sent, in UTF-8. */
  public static final int TEXT_BYTES_MAX = 4096;

  /** Comparators, BETWEEN, IN, AND, OR, NOT, + and -. */
  public static final int OPERATORS_MAX = 300;

  /** Operands on the right of one IN. */
  public static final int IN_OPERANDS_MAX = 100;

  /** Elements of one document path. */
  public static final int PATH_ELEMENTS_MAX = 32;

  /** Bytes of a placeholder, with its sign. */
  public static final int PLACEHOLDER_BYTES_MAX = 255;

  /** Bytes of all names and values and their placeholders together. */
  public static final int SUBSTITUTIONS_BYTES_MAX = 2 * 1024 * 1024;

  /** Bytes of an attribute's name. */
  public static final int ATTRIBUTE_NAME_BYTES_MAX = 65_535;

  /**
   * How deep parentheses and calls may nest. Whatever keeps the other limits and nests deeper is
   * refused by DynamoDB for another reason: a pair of parentheses around each of its at most 300
   * operators is the most that is not redundant, and the shortest nested call of an update takes 15
   * bytes, 273 of which fit.
   */
  static final int NESTING_MAX = 320;

  private ExpressionLimits() {}
}
