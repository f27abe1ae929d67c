/**
 * Sends what this region writes to the other regions that have the table, and compares from time to
 * time what is there with what is here ({@link io.equator.node.regions.RegionComparison}).
 *
 * <pre>
 *   ask the target for its cursor ─▶ walk over items and tombstones ─▶ follow the change log ─▶ …
 *                 ▲                                                          │
 *                 └──────── nobody answered, not leading, another generation ┘
 * </pre>
 *
 * <p>What is sent are versions, and the target keeps the greater one of each key; so order,
 * repetition and a cursor that is too old cost work and change nothing.
 *
 * <p><b>May import</b> the core, the service, {@code node.changes}, the catalog's copy, {@code
 * replication.regions}, {@code node.snapshots} (the throttle). <b>Must not</b> import RocksDB,
 * Ratis, or the coordinator.
 *
 * <p><b>Always true:</b> what was sent is applied here, so no later leader can take it back; a
 * change is kept in the log until every target has it, or until the target is to be walked for
 * again.
 *
 * <p><b>Start at</b> {@link io.equator.node.regions.RegionLane}.
 */
@NullMarked
package io.equator.node.regions;

import org.jspecify.annotations.NullMarked;
