/**
 * The edge of the API, the router, transactions and the control plane.
 *
 * <p><b>May import</b> {@code io.equator.proto}, {@code io.equator.model}, {@code
 * io.equator.partitioner} and {@code io.equator.replication}; Netty only in {@code
 * io.equator.coordinator.http}, Jackson only in {@code io.equator.coordinator.json}. <b>Must
 * not</b> import {@code io.equator.node}: the two talk over gRPC.
 *
 * <p><b>Always true:</b> a coordinator holds no item that is not also on a node, so any of them may
 * be lost at any time.
 */
@NullMarked
package io.equator.coordinator;

import org.jspecify.annotations.NullMarked;
