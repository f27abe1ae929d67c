/**
 * {@code equator drill}: what happens to an application when a region or a node is lost, cut off or
 * comes back, measured on a cluster that the drill starts for itself.
 *
 * <p>Traffic of an application that turns to the next region when one does not answer; a fault; the
 * end of the fault. Measured: how long the application was without an answer (RTO), which
 * acknowledged writes nobody else had at the moment of the fault (RPO), errors, the lag between
 * regions over time, and how long all regions took to hold the same afterwards.
 *
 * <p><b>May import</b> {@code server.dev}, whose clusters have hooks for faults; the JSON writer.
 *
 * <p><b>Always true:</b> a drill touches nothing but its own cluster, in a temporary folder that is
 * gone afterwards, and the two files of its report.
 *
 * <p><b>Start at</b> {@link io.equator.server.drill.Drill}.
 */
@NullMarked
package io.equator.server.drill;

import org.jspecify.annotations.NullMarked;
