/**
 * How a node's machine is, and what the node does about it: a disk that fills makes it read-only, a
 * disk that is slower than its peers' makes it give up its leaderships.
 *
 * <p>{@link io.equator.node.health.DiskGuard} and {@link io.equator.node.health.SlowDisk} decide,
 * pure; {@link io.equator.node.health.HealthWatch} measures, asks the peers and acts.
 *
 * <p><b>May import</b> what {@code io.equator.node} may, and gRPC. <b>Must not</b> import RocksDB
 * or Ratis.
 *
 * <p><b>Always true:</b> nothing here decides whether a write counts: a refusal comes before
 * anything is written, and everything else is left to the log.
 */
@NullMarked
package io.equator.node.health;

import org.jspecify.annotations.NullMarked;
