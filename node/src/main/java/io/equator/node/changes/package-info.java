/**
 * What happens to the change log beside the data: how long it is kept, and by whom it is needed.
 *
 * <p><b>May import</b> the core, the log port and the catalog's copy. <b>Must not</b> import
 * RocksDB, Ratis, or the coordinator.
 *
 * <p><b>Always true:</b> a record that a reader still needs is not trimmed; trimming goes through
 * the partition's log, so every replica keeps the same records.
 *
 * <p><b>Start at</b> {@link io.equator.node.changes.ChangeTrimmer}.
 */
@NullMarked
package io.equator.node.changes;

import org.jspecify.annotations.NullMarked;
