package io.equator.coordinator.items;

import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireValue;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueProblem;

/** Reads the member that brings an expression's values. */
public final class ExpressionMembers {
  private ExpressionMembers() {}

  /** Reads ExpressionAttributeValues; what is wrong with a value is kept for later. */
  public static ExpressionValues expressionValues(WireReader in) {
    ExpressionValues values = new ExpressionValues();
    in.beginMap("AttributeValue");
    while (in.nextEntry()) {
      String placeholder = in.key();
      WireValue read = in.attributeValue();
      EncodedValue value = read.value();
      ValueProblem problem = read.problem();
      if (value != null) {
        values.put(placeholder, value);
      } else if (problem != null) {
        values.putProblem(placeholder, problem);
      }
    }
    return values;
  }
}
