/**
 * The node's gRPC service: checks that a request is meant for what is here, then hands it to the
 * partition's core.
 *
 * <p><b>May import</b> gRPC, {@code io.equator.node.core}, {@code io.equator.proto}, {@code
 * io.equator.replication}. <b>Must not</b> import RocksDB or Ratis.
 *
 * <p><b>Always true:</b> a request that is redirected has changed nothing here (unless
 * INDETERMINATE says so); no call blocks the thread that brought it, but for reads of the store
 * that are short.
 *
 * <p><b>Start at</b> {@link io.equator.node.service.NodeEndpoint}.
 */
@NullMarked
package io.equator.node.service;

import org.jspecify.annotations.NullMarked;
