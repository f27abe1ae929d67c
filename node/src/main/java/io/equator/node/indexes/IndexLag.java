package io.equator.node.indexes;

/**
 * How far a global index is behind one partition of its table.
 *
 * @param partition the source
 * @param entries of that partition's log that may hold changes which are not in the index yet; 0
 *     when it has all of them. Entries of other tables count too.
 * @param bytes of the records that are not in the index yet, about
 * @param millis since the oldest change that is not in the index yet was made
 */
public record IndexLag(
    long partition, int table, int index, long entries, long bytes, long millis) {}
