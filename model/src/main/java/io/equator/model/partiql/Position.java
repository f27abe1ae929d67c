package io.equator.model.partiql;

/**
 * A place in the text of a statement.
 *
 * @param line from 1
 * @param column from 1, in characters
 * @param length characters of the token that stands there
 */
public record Position(int line, int column, int length) {
  /** As messages have it. */
  @Override
  public String toString() {
    return "at " + line + ":" + column + ":" + length;
  }
}
