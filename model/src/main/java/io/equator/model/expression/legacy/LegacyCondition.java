package io.equator.model.expression.legacy;

import io.equator.model.item.AttributeValue;
import java.util.List;

/**
 * One entry of KeyConditions, QueryFilter or ScanFilter.
 *
 * @param attribute the attribute's name
 * @param operator the ComparisonOperator; the edge has checked that there is one
 * @param values the AttributeValueList; empty when absent
 */
public record LegacyCondition(
    String attribute, LegacyOperator operator, List<AttributeValue> values) {

  /** Copies the values. */
  public LegacyCondition {
    values = List.copyOf(values);
  }
}
