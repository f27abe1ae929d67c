package io.equator.model.expression.parse;

import java.util.List;

/**
 * An update as written.
 *
 * @param actions in the order of the text, each with its section
 */
public record UpdateSyntax(List<Action> actions) {

  /** Copies the actions. */
  public UpdateSyntax {
    actions = List.copyOf(actions);
  }

  /** One path and what happens to it. */
  public sealed interface Action {
    /** The path that changes. */
    PathSyntax path();

    /** {@code SET path = value}. */
    record Set(PathSyntax path, OperandSyntax value) implements Action {}

    /** {@code REMOVE path}. */
    record Remove(PathSyntax path) implements Action {}

    /** {@code ADD path :value}. */
    record Add(PathSyntax path, String placeholder) implements Action {}

    /** {@code DELETE path :value}. */
    record Delete(PathSyntax path, String placeholder) implements Action {}
  }
}
