/**
 * The state of a replica on its way between nodes, for a replica that its log cannot help any more:
 * too far behind, new, or on a disk that was replaced.
 *
 * <p>One side gives: {@link io.equator.node.snapshots.SnapshotEndpoint} fixes a state of the
 * partition and sends its rows as files, throttled. The other takes: {@link
 * io.equator.node.snapshots.ReplicaMachine} is what the log drives; asked to install, it has {@link
 * io.equator.node.snapshots.Installer} fetch the files and put them in place of what it had.
 *
 * <p>A state is a fixed view of the store written out as table files, not a checkpoint: partitions
 * share the files of a store, so a checkpoint would carry everybody's rows, and opening it costs a
 * second database. The view costs nothing to make and keeps old versions of rows alive only as long
 * as it is sent.
 *
 * <p><b>May import</b> gRPC, {@code node.core} and {@code node.service}. <b>Must not</b> import
 * RocksDB or Ratis.
 *
 * <p><b>Always true:</b> a state is put in place whole, after every byte of it was checked; while
 * it is put in place nobody reads the partition, also after a crash.
 */
@NullMarked
package io.equator.node.snapshots;

import org.jspecify.annotations.NullMarked;
