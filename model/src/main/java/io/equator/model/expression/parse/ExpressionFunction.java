package io.equator.model.expression.parse;

import org.jspecify.annotations.Nullable;

/** The functions of expressions; their names are case-sensitive. */
public enum ExpressionFunction {
  ATTRIBUTE_EXISTS("attribute_exists", 1, Place.CONDITION),
  ATTRIBUTE_NOT_EXISTS("attribute_not_exists", 1, Place.CONDITION),
  ATTRIBUTE_TYPE("attribute_type", 2, Place.CONDITION),
  BEGINS_WITH("begins_with", 2, Place.CONDITION),
  CONTAINS("contains", 2, Place.CONDITION),
  SIZE("size", 1, Place.OPERAND),
  IF_NOT_EXISTS("if_not_exists", 2, Place.UPDATE),
  LIST_APPEND("list_append", 2, Place.UPDATE);

  /** Where a function may stand. */
  enum Place {
    CONDITION,
    OPERAND,
    UPDATE
  }

  private final String text;
  private final int operands;
  private final Place place;

  ExpressionFunction(String text, int operands, Place place) {
    this.text = text;
    this.operands = operands;
    this.place = place;
  }

  /** The function of this name; null when there is none. */
  public static @Nullable ExpressionFunction of(String name) {
    return switch (name) {
      case "attribute_exists" -> ATTRIBUTE_EXISTS;
      case "attribute_not_exists" -> ATTRIBUTE_NOT_EXISTS;
      case "attribute_type" -> ATTRIBUTE_TYPE;
      case "begins_with" -> BEGINS_WITH;
      case "contains" -> CONTAINS;
      case "size" -> SIZE;
      case "if_not_exists" -> IF_NOT_EXISTS;
      case "list_append" -> LIST_APPEND;
      default -> null;
    };
  }

  /** The name as written. */
  public String text() {
    return text;
  }

  /** How many operands it takes. */
  public int operands() {
    return operands;
  }

  Place place() {
    return place;
  }
}
