package io.equator.model.expression;

import io.equator.model.expression.parse.UpdateParser;
import io.equator.model.expression.parse.UpdateSyntax;

/** An UpdateExpression that was read. */
public record ParsedUpdate(UpdateSyntax syntax) implements ParsedExpression {

  /** Reads the expression, or throws DynamoDB's complaint. */
  public static ParsedUpdate parse(String text) {
    return new ParsedUpdate(UpdateParser.parse(text));
  }
}
