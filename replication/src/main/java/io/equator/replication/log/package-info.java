/**
 * The replicated log as the rest of Equator sees it: propose an entry, apply what was agreed, and
 * know whether this replica may still answer for the group.
 *
 * <p>A {@link io.equator.replication.log.LogHost} holds this node's replicas, one {@link
 * io.equator.replication.log.ReplicatedLog} per group; the group's state is a {@link
 * io.equator.replication.log.LogMachine}. The Ratis shell and the simulator's model log stand
 * behind the same interfaces, so everything above is tested under one thread and one seed.
 *
 * <p><b>May import</b> the JDK, protobuf's {@code ByteString} and {@code partitioner}. <b>Must
 * not</b> import Ratis or gRPC, start threads, or read a clock that was not handed in.
 *
 * <p><b>Always true:</b> each replica applies the same entries in the same order; what was answered
 * as applied is durable on a majority; an outcome that is not known is {@link
 * io.equator.replication.log.Proposal.Indeterminate}, never guessed.
 */
@NullMarked
package io.equator.replication.log;

import org.jspecify.annotations.NullMarked;
