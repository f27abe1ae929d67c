package io.equator.model.expression;

import java.util.List;

/** The operations that take expressions. */
public enum RequestKind {
  PUT_ITEM,
  DELETE_ITEM,
  UPDATE_ITEM,
  GET_ITEM,
  BATCH_GET_ITEM,
  QUERY,
  SCAN,
  /** ConditionCheck of a transaction. */
  CONDITION_CHECK;

  private static final List<ExpressionKind> CONDITION = List.of(ExpressionKind.CONDITION);
  private static final List<ExpressionKind> UPDATE =
      List.of(ExpressionKind.UPDATE, ExpressionKind.CONDITION);
  private static final List<ExpressionKind> READ = List.of(ExpressionKind.PROJECTION);
  private static final List<ExpressionKind> FILTERED =
      List.of(ExpressionKind.PROJECTION, ExpressionKind.FILTER);
  private static final List<ExpressionKind> QUERIED =
      List.of(ExpressionKind.PROJECTION, ExpressionKind.FILTER, ExpressionKind.KEY_CONDITION);

  /** The expressions that it takes, in the order in which complaints list them. */
  List<ExpressionKind> expressions() {
    return switch (this) {
      case PUT_ITEM, DELETE_ITEM, CONDITION_CHECK -> CONDITION;
      case UPDATE_ITEM -> UPDATE;
      case GET_ITEM, BATCH_GET_ITEM -> READ;
      case QUERY -> QUERIED;
      case SCAN -> FILTERED;
    };
  }
}
