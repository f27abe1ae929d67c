package io.equator.model.expression;

import io.equator.model.expression.parse.ConditionParser;
import io.equator.model.expression.parse.ConditionSyntax;

/** A ConditionExpression or FilterExpression that was read. */
public record ParsedCondition(ExpressionKind kind, ConditionSyntax syntax)
    implements ParsedExpression {

  /** Reads the expression, or throws DynamoDB's complaint. */
  public static ParsedCondition parse(String text, ExpressionKind kind) {
    return new ParsedCondition(kind, ConditionParser.parse(kind, text));
  }
}
