/**
 * Keys: which attributes make them, their bytes in the order that DynamoDB sorts by, and the checks
 * with the errors of the API.
 *
 * <p><b>May import</b> the JDK, {@code io.equator.proto}, and the model's items, numbers and
 * errors.
 *
 * <p><b>Always true:</b> two encoded keys of one type compare, as unsigned bytes, as their values
 * do; equal values have equal bytes; no encoded key is the beginning of another.
 *
 * <p><b>Start at</b> {@link io.equator.model.key.KeyCodec}, whose comment has the layout, then
 * {@link io.equator.model.key.KeyExtractor}.
 */
@NullMarked
package io.equator.model.key;

import org.jspecify.annotations.NullMarked;
