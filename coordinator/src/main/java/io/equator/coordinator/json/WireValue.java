package io.equator.coordinator.json;

import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueProblem;
import org.jspecify.annotations.Nullable;

/**
 * One attribute value as read from a body: exactly one of its components is there.
 *
 * @param value the value
 * @param problem what is wrong with it, to be told when it is its turn
 */
public record WireValue(@Nullable EncodedValue value, @Nullable ValueProblem problem) {}
