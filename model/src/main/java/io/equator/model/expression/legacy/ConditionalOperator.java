package io.equator.model.expression.legacy;

/** How the conditions of a legacy parameter are joined. */
public enum ConditionalOperator {
  AND,
  OR
}
