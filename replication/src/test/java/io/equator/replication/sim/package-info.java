/**
 * A deterministic simulator: virtual time, a network that delays, drops and cuts, and a model of
 * the replicated log behind the same port as the real one; and a checker for linearizability.
 *
 * <p>Everything runs on one thread under one seed: the same seed gives the same run, event by
 * event. {@link io.equator.replication.sim.Trace} is compared to prove it.
 *
 * <p><b>May import</b> the JDK, {@code replication.log}, {@code partitioner} and protobuf's {@code
 * ByteString}. <b>Must not</b> start threads or read clocks.
 *
 * <p><b>Start at</b> {@link io.equator.replication.sim.Simulation}, then {@link
 * io.equator.replication.sim.SimulatedReplica}.
 */
@NullMarked
package io.equator.replication.sim;

import org.jspecify.annotations.NullMarked;
