package io.equator.model.expression;

import io.equator.model.expression.parse.ConditionParser;
import io.equator.model.expression.parse.ConditionSyntax;

/** A KeyConditionExpression that was read: by the grammar still any condition. */
public record ParsedKeyCondition(ConditionSyntax syntax) implements ParsedExpression {

  /** Reads the expression, or throws DynamoDB's complaint. */
  public static ParsedKeyCondition parse(String text) {
    return new ParsedKeyCondition(ConditionParser.parse(ExpressionKind.KEY_CONDITION, text));
  }
}
