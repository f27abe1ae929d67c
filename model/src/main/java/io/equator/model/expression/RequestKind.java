package io.equator.model.expression;

import java.util.List;

/** The operations that take expressions: which, and in which order complaints list them. */
public enum RequestKind {
  PUT_ITEM(List.of(ExpressionKind.CONDITION)),
  DELETE_ITEM(List.of(ExpressionKind.CONDITION)),
  UPDATE_ITEM(List.of(ExpressionKind.UPDATE, ExpressionKind.CONDITION)),
  GET_ITEM(List.of(ExpressionKind.PROJECTION)),
  BATCH_GET_ITEM(List.of(ExpressionKind.PROJECTION)),
  QUERY(List.of(ExpressionKind.PROJECTION, ExpressionKind.FILTER, ExpressionKind.KEY_CONDITION)),
  SCAN(List.of(ExpressionKind.PROJECTION, ExpressionKind.FILTER)),
  /** ConditionCheck of a transaction. */
  CONDITION_CHECK(List.of(ExpressionKind.CONDITION));

  private final List<ExpressionKind> expressions;

  RequestKind(List<ExpressionKind> expressions) {
    this.expressions = expressions;
  }

  /** The expressions that it takes. */
  List<ExpressionKind> expressions() {
    return expressions;
  }
}
