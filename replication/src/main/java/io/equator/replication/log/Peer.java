package io.equator.replication.log;

import io.equator.partitioner.NodeId;

/**
 * A member of a group.
 *
 * @param node who
 * @param raftAddress {@code host:port} of its Raft server; must be stable (a DNS name, not an IP
 *     that changes), because the Raft library never takes up a changed address
 */
public record Peer(NodeId node, String raftAddress) {}
