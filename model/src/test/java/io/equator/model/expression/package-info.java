/** Tests of expressions: tables of texts, a naive evaluator beside the real one, and fuzzing. */
@NullMarked
package io.equator.model.expression;

import org.jspecify.annotations.NullMarked;
