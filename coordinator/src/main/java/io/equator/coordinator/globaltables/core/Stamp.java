package io.equator.coordinator.globaltables.core;

import java.util.function.LongUnaryOperator;

/**
 * Gives versions to parts of documents.
 *
 * @param after the next hybrid timestamp that is greater than the given one
 * @param regionNumber of the region that makes the change
 */
public record Stamp(LongUnaryOperator after, int regionNumber) {}
