package io.equator.model.expression;

import io.equator.model.expression.wire.Nesting;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueType;
import io.equator.proto.Comparator;
import io.equator.proto.Condition;
import io.equator.proto.Conditions;
import io.equator.proto.Operand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A condition or filter ready to be asked about many items. Immutable; never fails, whatever types
 * an item holds: a comparison of values that cannot be compared is false.
 *
 * <p>A missing operand makes every comparison false except {@code <>}, which is true.
 */
public final class CompiledCondition {
  private final Test test;

  private CompiledCondition(Test test) {
    this.test = test;
  }

  /** Compiles the message of a condition; an empty message is a condition that always holds. */
  public static CompiledCondition of(Condition condition) {
    return new CompiledCondition(
        condition.getKindCase() == Condition.KindCase.KIND_NOT_SET
            ? new All(new Test[0])
            : compile(condition));
  }

  /** Whether the condition holds for an item; {@link EncodedItem#EMPTY} when there is none. */
  public boolean test(EncodedItem item) {
    return test.holds(item);
  }

  private static Test compile(Condition sealed) {
    Condition condition = Nesting.open(sealed);
    return switch (condition.getKindCase()) {
      case ALL -> new All(compile(condition.getAll()));
      case ANY -> new Any(compile(condition.getAny()));
      case NOT -> new Not(compile(condition.getNot()));
      case COMPARISON -> {
        var comparison = condition.getComparison();
        yield new Compare(
            comparison.getComparator(),
            CompiledOperand.of(comparison.getLeft()),
            CompiledOperand.of(comparison.getRight()));
      }
      case BETWEEN -> {
        var between = condition.getBetween();
        yield new Between(
            CompiledOperand.of(between.getValue()),
            CompiledOperand.of(between.getLower()),
            CompiledOperand.of(between.getUpper()));
      }
      case IN ->
          new In(
              CompiledOperand.of(condition.getIn().getValue()),
              compileOperands(condition.getIn().getCandidatesList()));
      case ATTRIBUTE_EXISTS -> new Exists(CompiledPath.of(condition.getAttributeExists()), true);
      case ATTRIBUTE_NOT_EXISTS ->
          new Exists(CompiledPath.of(condition.getAttributeNotExists()), false);
      case ATTRIBUTE_TYPE -> {
        var type = condition.getAttributeType();
        yield new TypeIs(CompiledOperand.of(type.getValue()), ValueType.ofTypeName(type.getType()));
      }
      case BEGINS_WITH ->
          new BeginsWith(
              CompiledOperand.of(condition.getBeginsWith().getFirst()),
              CompiledOperand.of(condition.getBeginsWith().getSecond()));
      case CONTAINS ->
          new Contains(
              CompiledOperand.of(condition.getContains().getFirst()),
              CompiledOperand.of(condition.getContains().getSecond()));
      case NESTED, KIND_NOT_SET -> throw new IllegalArgumentException("a condition of no kind");
    };
  }

  private static Test[] compile(Conditions conditions) {
    Test[] tests = new Test[conditions.getConditionsCount()];
    for (int i = 0; i < tests.length; i++) {
      tests[i] = compile(conditions.getConditions(i));
    }
    return tests;
  }

  private static CompiledOperand[] compileOperands(List<Operand> operands) {
    CompiledOperand[] compiled = new CompiledOperand[operands.size()];
    for (int i = 0; i < compiled.length; i++) {
      compiled[i] = CompiledOperand.of(operands.get(i));
    }
    return compiled;
  }

  /** One node of the condition. */
  private sealed interface Test {
    boolean holds(EncodedItem item);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, never shared
  private record All(Test[] tests) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      for (Test test : tests) {
        if (!test.holds(item)) {
          return false;
        }
      }
      return true;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, never shared
  private record Any(Test[] tests) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      for (Test test : tests) {
        if (test.holds(item)) {
          return true;
        }
      }
      return false;
    }
  }

  private record Not(Test test) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      return !test.holds(item);
    }
  }

  private record Exists(CompiledPath path, boolean expected) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      return (path.read(item) != null) == expected;
    }
  }

  private record Compare(Comparator comparator, CompiledOperand left, CompiledOperand right)
      implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      EncodedValue one = left.value(item);
      EncodedValue two = right.value(item);
      if (one == null || two == null) {
        return comparator == Comparator.NOT_EQUAL;
      }
      return switch (comparator) {
        case EQUAL -> one.contentEquals(two);
        case NOT_EQUAL -> !one.contentEquals(two);
        case LESS -> EncodedValues.comparable(one, two) && EncodedValues.compare(one, two) < 0;
        case LESS_OR_EQUAL ->
            EncodedValues.comparable(one, two) && EncodedValues.compare(one, two) <= 0;
        case GREATER -> EncodedValues.comparable(one, two) && EncodedValues.compare(one, two) > 0;
        case GREATER_OR_EQUAL ->
            EncodedValues.comparable(one, two) && EncodedValues.compare(one, two) >= 0;
        case COMPARATOR_UNSPECIFIED, UNRECOGNIZED ->
            throw new IllegalArgumentException("no comparator: " + comparator);
      };
    }
  }

  private record Between(CompiledOperand value, CompiledOperand lower, CompiledOperand upper)
      implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      EncodedValue middle = value.value(item);
      if (middle == null) {
        return false;
      }
      EncodedValue low = lower.value(item);
      if (low == null
          || !EncodedValues.comparable(low, middle)
          || EncodedValues.compare(low, middle) > 0) {
        return false;
      }
      EncodedValue high = upper.value(item);
      return high != null
          && EncodedValues.comparable(middle, high)
          && EncodedValues.compare(middle, high) <= 0;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, never shared
  private record In(CompiledOperand value, CompiledOperand[] candidates) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      EncodedValue wanted = value.value(item);
      if (wanted == null) {
        return false;
      }
      for (CompiledOperand candidate : candidates) {
        EncodedValue other = candidate.value(item);
        if (other != null && wanted.contentEquals(other)) {
          return true;
        }
      }
      return false;
    }
  }

  private record TypeIs(CompiledOperand operand, @Nullable ValueType type) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      EncodedValue value = operand.value(item);
      return value != null && value.type() == type;
    }
  }

  private record BeginsWith(CompiledOperand operand, CompiledOperand prefix) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      EncodedValue value = operand.value(item);
      EncodedValue start = prefix.value(item);
      return value != null && start != null && EncodedValues.beginsWith(value, start);
    }
  }

  private record Contains(CompiledOperand container, CompiledOperand part) implements Test {
    @Override
    public boolean holds(EncodedItem item) {
      EncodedValue whole = container.value(item);
      EncodedValue piece = part.value(item);
      return whole != null && piece != null && EncodedValues.contains(whole, piece);
    }
  }
}
