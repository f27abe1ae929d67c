package io.equator.model.expression.parse;

import io.equator.proto.Comparator;
import java.util.List;

/** A condition as written. */
public sealed interface ConditionSyntax extends Syntax
    permits ConditionSyntax.All,
        ConditionSyntax.Any,
        ConditionSyntax.Not,
        ConditionSyntax.Comparison,
        ConditionSyntax.Between,
        ConditionSyntax.In,
        OperandSyntax.Call {

  /** Two or more conditions joined by AND; none of them is an {@code All}. */
  record All(List<ConditionSyntax> conditions) implements ConditionSyntax {
    /** Copies the conditions. */
    public All {
      conditions = List.copyOf(conditions);
    }
  }

  /** Two or more conditions joined by OR; none of them is an {@code Any}. */
  record Any(List<ConditionSyntax> conditions) implements ConditionSyntax {
    /** Copies the conditions. */
    public Any {
      conditions = List.copyOf(conditions);
    }
  }

  /** Never around another {@code Not} directly. */
  record Not(ConditionSyntax condition) implements ConditionSyntax {}

  /** {@code left = right} and its five relatives. */
  record Comparison(Comparator comparator, OperandSyntax left, OperandSyntax right)
      implements ConditionSyntax {}

  /** {@code value BETWEEN lower AND upper}. */
  record Between(OperandSyntax value, OperandSyntax lower, OperandSyntax upper)
      implements ConditionSyntax {}

  /** {@code value IN (candidates)}. */
  record In(OperandSyntax value, List<OperandSyntax> candidates) implements ConditionSyntax {
    /** Copies the candidates. */
    public In {
      candidates = List.copyOf(candidates);
    }
  }
}
