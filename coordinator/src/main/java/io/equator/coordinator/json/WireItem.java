package io.equator.coordinator.json;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.ValueProblem;
import org.jspecify.annotations.Nullable;

/**
 * A map of attribute values as read from a body: an item, a key, or expression values by their
 * placeholders. What is wrong with a value is kept for later, when it is its turn to be told.
 *
 * @param item the attributes; empty when there is a problem
 * @param problem the first problem with a value
 * @param problemName the attribute (of the outermost map) that has the problem
 */
public record WireItem(
    EncodedItem item, @Nullable ValueProblem problem, @Nullable String problemName) {}
