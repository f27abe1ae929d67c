package io.equator.model.expression;

/** The five expression parameters, in the order in which DynamoDB checks them. */
public enum ExpressionKind {
  UPDATE("UpdateExpression"),
  CONDITION("ConditionExpression"),
  KEY_CONDITION("KeyConditionExpression"),
  FILTER("FilterExpression"),
  PROJECTION("ProjectionExpression");

  private final String parameter;

  ExpressionKind(String parameter) {
    this.parameter = parameter;
  }

  /** The name of the request's parameter. */
  public String parameter() {
    return parameter;
  }

  /** What stands before every complaint about this expression. */
  public String errorPrefix() {
    return "Invalid " + parameter + ": ";
  }
}
