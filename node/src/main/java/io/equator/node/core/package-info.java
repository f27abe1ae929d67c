/**
 * The state machine of a partition: deciding writes, applying entries, reading pages.
 *
 * <p>Pure: it sees the store, the log and the clock through ports and owns no thread. What it needs
 * from RocksDB is {@link io.equator.node.core.Store}; a tree map behind the same port serves the
 * tests.
 *
 * <p><b>May import</b> {@code io.equator.proto}, {@code io.equator.model}, {@code
 * io.equator.partitioner}, {@code io.equator.replication.log}, {@code .clock} and {@code .catalog},
 * protobuf. <b>Must not</b> import RocksDB, Ratis or gRPC.
 *
 * <p><b>Always true:</b> one entry of the log is one atomic batch with the applied position; what
 * an entry changes depends on the log alone; a decision is made from applied state under the latch
 * of its key.
 *
 * <p><b>Start at</b> {@link io.equator.node.core.PartitionMachine} (apply), then {@link
 * io.equator.node.core.Decider}.
 */
@NullMarked
package io.equator.node.core;

import org.jspecify.annotations.NullMarked;
