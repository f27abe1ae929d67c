package io.equator.node.health;

/**
 * Figures of a node's machine.
 *
 * @param freeBytes of the fullest disk
 * @param leastBytes that are to stay free on it
 * @param forceMicros of a force, smoothed; 0 when it is not measured
 * @param slow the disk counts as slow
 */
public record HealthStatistics(
    DiskState disk, long freeBytes, long leastBytes, long forceMicros, boolean slow) {}
