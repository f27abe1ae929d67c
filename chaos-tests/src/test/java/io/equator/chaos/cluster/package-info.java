/**
 * Clusters that a test may break: {@link io.equator.chaos.cluster.Cluster} says what can be done to
 * one, {@link io.equator.chaos.cluster.ProcessCluster} does it to processes on this machine.
 *
 * <p><b>Must not</b> know what clients ask of a cluster, or when which fault comes.
 *
 * <p><b>Always true:</b> nothing of the product is changed for a fault. What runs is the packaged
 * program, with its certificates; faults are signals, cut links, full disks.
 */
@org.jspecify.annotations.NullMarked
package io.equator.chaos.cluster;
