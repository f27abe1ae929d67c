/**
 * Asks other nodes for the current terms of their replicas, so that a leader can confirm that it
 * still is one; and a group whom it counts, before a replica is thrown away.
 *
 * <p><b>May import</b> gRPC, {@code io.equator.proto}, {@code io.equator.partitioner}, {@code
 * io.equator.replication.log}.
 *
 * <p><b>Always true:</b> a question ends within its deadline, with the terms that the other node
 * had after the question was asked, or with a failure.
 */
@NullMarked
package io.equator.node.confirm;

import org.jspecify.annotations.NullMarked;
