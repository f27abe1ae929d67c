/**
 * Maps keys to tokens, tokens to partitions and partitions to replicas.
 *
 * <p><b>May import</b> the JDK. <b>Must not</b> import anything else, ours or not.
 *
 * <p><b>Always true:</b> the same map and key give the same answer on every node; the partitions of
 * a ring are disjoint and cover every token; epochs only grow.
 *
 * <p><b>Start at</b> {@link io.equator.partitioner.PartitionMap}, then {@link
 * io.equator.partitioner.Placement}.
 */
@NullMarked
package io.equator.partitioner;

import org.jspecify.annotations.NullMarked;
