package io.equator.model.expression.legacy;

import io.equator.model.item.ValueType;
import java.util.Optional;

/** The ComparisonOperators, with how many values each takes and of which types. */
public enum LegacyOperator {
  EQ(1, 1, Types.ANY, true),
  NE(1, 1, Types.ANY, false),
  LE(1, 1, Types.ORDERED, true),
  LT(1, 1, Types.ORDERED, true),
  GE(1, 1, Types.ORDERED, true),
  GT(1, 1, Types.ORDERED, true),
  NOT_NULL(0, 0, Types.ANY, false),
  NULL(0, 0, Types.ANY, false),
  CONTAINS(1, 1, Types.ORDERED_OR_BOOL, false),
  NOT_CONTAINS(1, 1, Types.ORDERED_OR_BOOL, false),
  BEGINS_WITH(1, 1, Types.PREFIXED, true),
  IN(1, Integer.MAX_VALUE, Types.ORDERED, false),
  BETWEEN(2, 2, Types.ORDERED, true);

  private enum Types {
    ANY,
    ORDERED,
    ORDERED_OR_BOOL,
    PREFIXED
  }

  private final int valuesMin;
  private final int valuesMax;
  private final Types types;
  private final boolean indexable;

  LegacyOperator(int valuesMin, int valuesMax, Types types, boolean indexable) {
    this.valuesMin = valuesMin;
    this.valuesMax = valuesMax;
    this.types = types;
    this.indexable = indexable;
  }

  /** The operator of this name on the wire. */
  public static Optional<LegacyOperator> of(String name) {
    for (LegacyOperator operator : values()) {
      if (operator.name().equals(name)) {
        return Optional.of(operator);
      }
    }
    return Optional.empty();
  }

  /** Whether it may stand in a key condition. */
  public boolean indexable() {
    return indexable;
  }

  boolean takes(int values) {
    return values >= valuesMin && values <= valuesMax;
  }

  boolean takesType(ValueType type) {
    return switch (types) {
      case ANY -> true;
      case ORDERED -> type.isKeyType();
      case ORDERED_OR_BOOL -> type.isKeyType() || type == ValueType.BOOL;
      case PREFIXED -> type == ValueType.S || type == ValueType.B;
    };
  }
}
