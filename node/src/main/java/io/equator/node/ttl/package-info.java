/**
 * Time to live: deletes items that have expired, as ordinary writes of the partition's leader.
 *
 * <p><b>May import</b> the core, the service, the catalog's copy. <b>Must not</b> import RocksDB,
 * Ratis, or the coordinator.
 *
 * <p><b>Always true:</b> an item is deleted only if it is still expired when its latch is held.
 *
 * <p><b>Start at</b> {@link io.equator.node.ttl.TtlSweeper}.
 */
@NullMarked
package io.equator.node.ttl;

import org.jspecify.annotations.NullMarked;
