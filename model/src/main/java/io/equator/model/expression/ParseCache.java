package io.equator.model.expression;

/**
 * Finds the syntactic form of an expression, by parsing or from a cache.
 *
 * <p>A cache may keep any result for ever (it is immutable and holds no values), must be bounded,
 * and lets the {@link io.equator.model.error.ApiException} of a text that cannot be parsed through.
 */
@FunctionalInterface
public interface ParseCache {

  /** The parsed form of {@code text} as an expression of this kind. */
  ParsedExpression parsed(ExpressionKind kind, String text);

  /** Parses every time. */
  static ParseCache none() {
    return ParsedExpression::parse;
  }
}
