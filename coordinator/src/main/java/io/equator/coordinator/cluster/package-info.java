/**
 * The control plane of nodes and replicas: who is there, where replicas should be, and the steps
 * that bring them there.
 *
 * <pre>
 *   catalog (what should be) ──┐
 *   Status of every node ──────┴▶ {@link io.equator.coordinator.cluster.ClusterReconciler} ─▶ ChangeMembers, catalog commits
 * </pre>
 *
 * <p><b>Always true:</b> a step is begun by writing it down in the catalog, and ended by writing
 * down that it is done; in between everything may crash, and whoever leads the catalog next goes
 * on. Plans come from the partitioner and are made from the state at the moment of writing: a
 * commit that meets another state than it was planned for does nothing.
 */
@NullMarked
package io.equator.coordinator.cluster;

import org.jspecify.annotations.NullMarked;
