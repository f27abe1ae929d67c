/**
 * Global secondary indexes: one pump per (partition, index) carries changes of the base table, in
 * order, to the partitions that own the rows of the index.
 *
 * <pre>
 *   source partition's leader                         each target partition's leader
 *   change log ─▶ pump: rows of each change ─ gRPC ─▶ one log entry: rows, and the source's cursor
 *   items ──────▶ walk (while the index is built) ──▶ the same
 * </pre>
 *
 * <p>Indexes are compared with their tables while all of this goes on ({@link
 * io.equator.node.indexes.IndexScrubber}): the pump does it between two deliveries.
 *
 * <p><b>May import</b> the core, the throttle of {@code node.snapshots}, the service, the catalog's
 * copy and gRPC. <b>Must not</b> import RocksDB, Ratis, or the coordinator.
 *
 * <p><b>Always true:</b> the cursor of a source stands in the target, in the batch of the rows, so
 * delivering again has no effect; changes of one item come from one source, in order; a record that
 * a pump has not delivered is not trimmed.
 *
 * <p><b>Start at</b> {@link io.equator.node.indexes.IndexPump}.
 */
@NullMarked
package io.equator.node.indexes;

import org.jspecify.annotations.NullMarked;
