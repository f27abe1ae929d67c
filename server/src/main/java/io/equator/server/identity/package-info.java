/**
 * Who a node is: its folder's identity, the cluster's certificates, and how a node comes into a
 * cluster.
 *
 * <p><b>Always true:</b> a folder belongs to one node of one cluster for ever. A folder that is
 * lost is a node that is lost: what takes its place is another node, with another id, because an
 * empty voter that votes again under an old name breaks Raft.
 *
 * <p>BouncyCastle shows here and in {@code io.equator.coordinator.tls}.
 */
@NullMarked
package io.equator.server.identity;

import org.jspecify.annotations.NullMarked;
