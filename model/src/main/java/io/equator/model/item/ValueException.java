package io.equator.model.item;

/**
 * A {@link ValueProblem} where values are made from objects and nobody asks for it as a value. No
 * stack trace.
 */
public final class ValueException extends RuntimeException {
  private final transient ValueProblem problem;

  /** Wraps a problem. */
  public ValueException(ValueProblem problem) {
    super(problem.message(ValueLayer.CURRENT), null, false, false);
    this.problem = problem;
  }

  /** What is wrong. */
  public ValueProblem problem() {
    return problem;
  }
}
