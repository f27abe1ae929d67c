/**
 * How state is kept equal: the replicated log inside a region, and the clock, the merge rule and
 * the shipping of changes between regions.
 *
 * <p><b>May import</b> {@code io.equator.proto}, {@code io.equator.model} and {@code
 * io.equator.partitioner}; Ratis only in {@code io.equator.replication.ratis}. <b>Must not</b>
 * import {@code io.equator.node} or {@code io.equator.coordinator}.
 *
 * <p><b>Always true:</b> replicas that applied the same log index hold the same state.
 */
@NullMarked
package io.equator.replication;

import org.jspecify.annotations.NullMarked;
