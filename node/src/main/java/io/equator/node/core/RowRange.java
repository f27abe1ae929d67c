package io.equator.node.core;

/**
 * Neighbouring rows of a family.
 *
 * @param lower inclusive
 * @param upper exclusive
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
public record RowRange(Family family, byte[] lower, byte[] upper) {}
