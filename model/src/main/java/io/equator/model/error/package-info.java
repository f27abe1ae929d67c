/**
 * The errors of the DynamoDB API as values: code, namespace on the wire, HTTP status and message.
 *
 * <p><b>May import</b> the JDK and {@code io.equator.model.item} (an error can carry the item that
 * failed a condition).
 *
 * <p><b>Always true:</b> an {@link io.equator.model.error.ApiError} is complete: the edge adds
 * nothing to it but the request id.
 *
 * <p><b>Start at</b> {@link io.equator.model.error.ErrorCode}.
 */
@NullMarked
package io.equator.model.error;

import org.jspecify.annotations.NullMarked;
