package io.equator.model.expression;

import io.equator.model.item.AttributeValue;

/** What a query asks of one sort-key attribute, besides equality. */
public sealed interface SortCondition {

  /** Whether a sort-key value satisfies the condition. */
  boolean matches(AttributeValue value);

  /** {@code < bound} or {@code <= bound}. */
  record Below(AttributeValue bound, boolean orEqual) implements SortCondition {
    @Override
    public boolean matches(AttributeValue value) {
      int order = ValueOrder.compare(value, bound);
      return order < 0 || (orEqual && order == 0);
    }
  }

  /** {@code > bound} or {@code >= bound}. */
  record Above(AttributeValue bound, boolean orEqual) implements SortCondition {
    @Override
    public boolean matches(AttributeValue value) {
      int order = ValueOrder.compare(value, bound);
      return order > 0 || (orEqual && order == 0);
    }
  }

  /** {@code BETWEEN lower AND upper}, both included. */
  record Within(AttributeValue lower, AttributeValue upper) implements SortCondition {
    @Override
    public boolean matches(AttributeValue value) {
      return ValueOrder.compare(value, lower) >= 0 && ValueOrder.compare(value, upper) <= 0;
    }
  }

  /** {@code begins_with}; of a string or a binary. */
  record BeginsWith(AttributeValue prefix) implements SortCondition {
    @Override
    public boolean matches(AttributeValue value) {
      return switch (value) {
        case AttributeValue.S(String string)
            when prefix instanceof AttributeValue.S(String start) ->
            string.startsWith(start);
        case AttributeValue.B(var bytes) when prefix instanceof AttributeValue.B(var start) ->
            bytes.startsWith(start);
        default -> false;
      };
    }
  }
}
