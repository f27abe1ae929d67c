package io.equator.coordinator.items;

import io.equator.coordinator.json.WireItem;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ValueErrors;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;

/**
 * How an operation words what is wrong with a value. The service has two validators with different
 * texts, and three operations put a frame around those of the newer one (observed by the public
 * conformance suite, 2026).
 */
public enum ValueWording {
  /** PutItem, UpdateItem, DeleteItem. */
  CURRENT_IN_ENVELOPE(ValueLayer.CURRENT, ValueErrors.CURRENT_IN_ENVELOPE),
  /** GetItem, BatchGetItem, Query. */
  CURRENT(ValueLayer.CURRENT, ValueErrors.CURRENT),
  /** BatchWriteItem, Scan. */
  OLDER(ValueLayer.OLDER, ValueErrors.OLDER);

  private static final String ENVELOPE = "1 validation error detected: ";

  private final ValueLayer layer;
  private final ValueErrors expressionValues;

  ValueWording(ValueLayer layer, ValueErrors expressionValues) {
    this.layer = layer;
    this.expressionValues = expressionValues;
  }

  /** The same for ExpressionAttributeValues, which the expressions check themselves. */
  public ValueErrors expressionValues() {
    return expressionValues;
  }

  /**
   * The refusal of a value. The limit on nesting is no matter of the validators and has no frame.
   */
  public ApiException refusal(ValueProblem problem) {
    String message = problem.message(layer);
    boolean framed =
        this == CURRENT_IN_ENVELOPE && !(problem instanceof ValueProblem.NestingTooDeep);
    return ApiException.validation(framed ? ENVELOPE + message : message);
  }

  /**
   * The attributes of an item or key, when it is the turn of their values to be checked.
   *
   * @throws ApiException when a value is wrong
   */
  public EncodedItem checked(WireItem read) {
    ValueProblem problem = read.problem();
    if (problem != null) {
      throw refusal(problem);
    }
    return read.item();
  }
}
