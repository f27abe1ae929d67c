/**
 * Prints what a node has on disk, for people and scripts: a store's partitions, a table's items, an
 * entry of the log. One JSON object a line.
 *
 * <p><b>May import</b> {@code io.equator.node.core}, {@code io.equator.node.rocksdb}, {@code
 * io.equator.model}, {@code io.equator.proto}.
 *
 * <p><b>Always true:</b> nothing that is looked at is changed; a store is opened read-only, as of
 * its last flush.
 *
 * <p><b>Start at</b> {@link io.equator.node.dump.StoreDump}.
 */
@NullMarked
package io.equator.node.dump;

import org.jspecify.annotations.NullMarked;
