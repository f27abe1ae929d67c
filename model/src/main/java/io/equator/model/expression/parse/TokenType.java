package io.equator.model.expression.parse;

/** What a token of an expression is. Keywords are the same in all expressions and any case. */
enum TokenType {
  NAME,
  /** {@code #alias}. */
  NAME_ALIAS,
  /** {@code :alias}. */
  VALUE_ALIAS,
  INTEGER,
  EQUAL,
  NOT_EQUAL,
  LESS,
  LESS_OR_EQUAL,
  GREATER,
  GREATER_OR_EQUAL,
  OPEN,
  CLOSE,
  OPEN_INDEX,
  CLOSE_INDEX,
  COMMA,
  DOT,
  PLUS,
  MINUS,
  AND,
  OR,
  NOT,
  BETWEEN,
  IN,
  SET,
  REMOVE,
  ADD,
  DELETE,
  /** A character that no expression may hold. */
  UNKNOWN,
  END
}
