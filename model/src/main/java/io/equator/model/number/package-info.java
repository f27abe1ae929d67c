/**
 * DynamoDB's number: a decimal of at most 38 significant digits between 1E-130 and 9.99…E+125 in
 * magnitude, or zero.
 *
 * <p><b>May import</b> the JDK only.
 *
 * <p><b>Always true:</b> equal numbers have equal digits, equal text and equal bytes; there is one
 * canonical text, the one that DynamoDB returns.
 *
 * <p><b>Start at</b> {@link io.equator.model.number.DynamoNumber}; hot paths that only need the
 * canonical text use {@link io.equator.model.number.NumberReader}.
 */
@NullMarked
package io.equator.model.number;

import org.jspecify.annotations.NullMarked;
