package io.equator.model.expression;

import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;

/** How an operation words what is wrong with a value among its ExpressionAttributeValues. */
public enum ValueErrors {
  /** PutItem, UpdateItem, DeleteItem where the current validator serves them. */
  CURRENT_IN_ENVELOPE,
  /** GetItem, BatchGetItem, Query where the current validator serves them. */
  CURRENT,
  /** Everything else. */
  OLDER;

  String ofExpressionValue(ValueProblem problem, String placeholder) {
    return switch (this) {
      case CURRENT_IN_ENVELOPE ->
          "1 validation error detected: " + problem.message(ValueLayer.CURRENT);
      case CURRENT -> problem.message(ValueLayer.CURRENT);
      case OLDER ->
          "ExpressionAttributeValues contains invalid value: "
              + problem.message(ValueLayer.OLDER)
              + " for key "
              + placeholder;
    };
  }
}
