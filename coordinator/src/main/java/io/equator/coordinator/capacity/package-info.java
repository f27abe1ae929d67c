/**
 * The capacity that tables and global indexes have, and what is left of it. Pure: time comes in.
 *
 * <p><b>May import</b> {@code model}, {@code proto} and {@code replication.catalog}.
 *
 * <p><b>Always true:</b> what has no limit is never refused; a limit that the catalog changes holds
 * from the next request on.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.capacity.CapacityGate}.
 */
@NullMarked
package io.equator.coordinator.capacity;

import org.jspecify.annotations.NullMarked;
