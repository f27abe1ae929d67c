/**
 * One partition on three simulated nodes: the real core and the real service over the model log,
 * under crashes, changes of leader, cuts, lost messages and unknown outcomes.
 *
 * <p>Judged from outside: the histories that clients saw are linearizable key by key, a request
 * that was sent again counts once, and replicas that applied the same hold the same bytes.
 *
 * <p><b>Start at</b> {@link io.equator.node.sim.PartitionRun}.
 */
@NullMarked
package io.equator.node.sim;

import org.jspecify.annotations.NullMarked;
