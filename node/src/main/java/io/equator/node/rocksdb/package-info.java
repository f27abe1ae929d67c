/**
 * The RocksDB shell: one database per node behind {@link io.equator.node.core.Store}.
 *
 * <p><b>May import</b> RocksDB (the only package that does) and {@code io.equator.node.core}.
 *
 * <p><b>Always true:</b> every native object has one owner that closes it, children before parents;
 * nothing touches a native object after {@code close} began; no batch goes to RocksDB's own log,
 * and flushes are atomic over all families.
 *
 * <p><b>Start at</b> {@link io.equator.node.rocksdb.RocksStore}.
 */
@NullMarked
package io.equator.node.rocksdb;

import org.jspecify.annotations.NullMarked;
