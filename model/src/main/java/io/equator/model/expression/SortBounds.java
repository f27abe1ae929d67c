package io.equator.model.expression;

/**
 * A range of encoded sort keys, to be compared as bytes.
 *
 * @param lowerInclusive empty: from the beginning of the item collection
 * @param upperExclusive empty: to its end
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record SortBounds(byte[] lowerInclusive, byte[] upperExclusive) {}
