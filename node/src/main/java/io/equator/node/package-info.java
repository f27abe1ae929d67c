/**
 * Storage: the core of a partition, its RocksDB shell, snapshots, and the readers of the change log
 * that run beside the data.
 *
 * <p><b>May import</b> {@code io.equator.proto}, {@code io.equator.model}, {@code
 * io.equator.partitioner} and {@code io.equator.replication}; RocksDB only in {@code
 * io.equator.node.rocksdb}. <b>Must not</b> import {@code io.equator.coordinator}.
 *
 * <p><b>Always true:</b> an acknowledged write is in the log of a majority before its caller hears
 * of it.
 */
@NullMarked
package io.equator.node;

import org.jspecify.annotations.NullMarked;
