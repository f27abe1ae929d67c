/**
 * The replicated log on Apache Ratis: one Raft server per node, one division per group.
 *
 * <p>A shell: it turns Ratis's requests, replies, exceptions and callbacks into the words of {@code
 * io.equator.replication.log}, and holds the settings that were measured and read from its source
 * (3.3.0). Ratis's own reads are not used: they were seen to serve stale values from an isolated
 * leader; {@code io.equator.replication.log.TermConfirmer} takes their place.
 *
 * <p><b>May import</b> Ratis, and is the only package that does. <b>Must not</b> let a Ratis type
 * appear in a public signature.
 *
 * <p><b>Always true:</b> a proposal is reported as not appended only when it provably was not; a
 * replica whose machine or log failed stops and says so; nothing here ends the process.
 *
 * <p><b>Start at</b> {@link io.equator.replication.ratis.RatisLogHost}, then {@code RatisReplica}
 * and {@code GroupMachine}.
 */
@NullMarked
package io.equator.replication.ratis;

import org.jspecify.annotations.NullMarked;
