package io.equator.model.expression.legacy;

import io.equator.model.item.AttributeValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of Expected; null for what the request does not say.
 *
 * @param attribute the attribute's name
 * @param value Value
 * @param exists Exists
 * @param operator ComparisonOperator
 * @param values AttributeValueList
 */
public record LegacyExpectation(
    String attribute,
    @Nullable AttributeValue value,
    @Nullable Boolean exists,
    @Nullable LegacyOperator operator,
    @Nullable List<AttributeValue> values) {

  /** Copies the values. */
  public LegacyExpectation {
    values = values == null ? null : List.copyOf(values);
  }
}
