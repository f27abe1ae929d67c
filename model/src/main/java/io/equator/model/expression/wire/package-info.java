/**
 * Keeps expression messages shallow enough for protobuf readers, and walks them.
 *
 * <p><b>May import</b> the JDK and {@code io.equator.proto}.
 *
 * <p><b>Always true:</b> no message built through {@link io.equator.model.expression.wire.Nesting}
 * needs more than half of the 100 levels that a reader follows.
 */
@NullMarked
package io.equator.model.expression.wire;

import org.jspecify.annotations.NullMarked;
