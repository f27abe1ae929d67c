/**
 * What requests cost, in DynamoDB's read and write capacity units.
 *
 * <p><b>May import</b> the JDK only.
 *
 * <p><b>Always true:</b> sizes are DynamoDB's item sizes in bytes; units come in halves, so they
 * are counted exactly in {@code double}.
 */
@NullMarked
package io.equator.model.capacity;

import org.jspecify.annotations.NullMarked;
