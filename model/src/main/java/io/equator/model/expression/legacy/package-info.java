/**
 * The parameters that expressions replaced, as the mappers of older SDKs still send them: Expected,
 * AttributeUpdates, KeyConditions, QueryFilter, ScanFilter, ConditionalOperator, AttributesToGet.
 *
 * <p>They come in parsed and leave as the same messages as expressions do, so that storage nodes
 * need not know them; where their semantics differ, the difference is spelled out in the message.
 *
 * <p><b>May import</b> the JDK, {@code io.equator.proto} and the other packages of this module.
 *
 * <p><b>Always true:</b> nothing is converted that was not checked.
 *
 * <p><b>Start at</b> {@link io.equator.model.expression.legacy.LegacyConditions}.
 */
@NullMarked
package io.equator.model.expression.legacy;

import org.jspecify.annotations.NullMarked;
