package io.equator.node.core;

/**
 * The entry that is being applied: its place in the log, the leader's time in it, and the batch
 * that takes its changes.
 *
 * @param batch committed once, when every effect has been added
 * @param index the entry's log index
 * @param millis milliseconds since the epoch at the leader, as the entry has it
 */
record EntryScope(RowBatch batch, long index, long millis) {}
