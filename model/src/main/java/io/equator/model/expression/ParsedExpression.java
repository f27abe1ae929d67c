package io.equator.model.expression;

/**
 * An expression that was read and is free of faults that do not depend on names and values.
 *
 * <p>Immutable and without values, so that one instance serves all requests with the same text.
 */
public sealed interface ParsedExpression
    permits ParsedUpdate, ParsedCondition, ParsedKeyCondition, ParsedProjection {

  /**
   * Reads an expression.
   *
   * @throws io.equator.model.error.ApiException with DynamoDB's complaint when it is none
   */
  static ParsedExpression parse(ExpressionKind kind, String text) {
    return switch (kind) {
      case UPDATE -> ParsedUpdate.parse(text);
      case CONDITION, FILTER -> ParsedCondition.parse(text, kind);
      case KEY_CONDITION -> ParsedKeyCondition.parse(text);
      case PROJECTION -> ParsedProjection.parse(text);
    };
  }
}
