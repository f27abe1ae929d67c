package io.equator.model.expression.parse;

import java.util.List;

/** What stands beside a comparator or in the parentheses of a function. */
public sealed interface OperandSyntax extends Syntax {

  /** A document path. */
  record PathOperand(PathSyntax path) implements OperandSyntax {}

  /** A placeholder for a value, with its {@code :}. */
  record ValueOperand(String placeholder) implements OperandSyntax {}

  /**
   * A function and what it is applied to. As an operand it is {@code size}, or {@code
   * if_not_exists} or {@code list_append} of an update; the functions that answer yes or no are
   * conditions.
   */
  record Call(String function, List<OperandSyntax> arguments)
      implements OperandSyntax, ConditionSyntax {
    /** Copies the arguments. */
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /** {@code +} or {@code -}; only in an update. */
  record Arithmetic(boolean plus, OperandSyntax left, OperandSyntax right)
      implements OperandSyntax {}
}
