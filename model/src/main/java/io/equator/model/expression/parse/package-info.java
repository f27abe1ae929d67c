/**
 * Reads the texts of expressions into syntax trees: tokens, recursive descent, the checks that need
 * neither names nor values.
 *
 * <p><b>May import</b> the JDK, {@code io.equator.proto} and {@code io.equator.model.error}.
 *
 * <p><b>Always true:</b> trees are immutable and no deeper than {@link
 * io.equator.model.expression.parse.ExpressionLimits} says, so that everything that walks them may
 * recurse.
 *
 * <p><b>Start at</b> {@link io.equator.model.expression.parse.ConditionParser}.
 */
@NullMarked
package io.equator.model.expression.parse;

import org.jspecify.annotations.NullMarked;
