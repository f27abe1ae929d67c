package io.equator.node.regions;

/**
 * How far one region is behind one partition of a table.
 *
 * @param walked everything that was there when sending began has arrived
 * @param entries of the log that may hold changes which have not
 * @param lagMillis age of the oldest such change; 0 when there is none
 * @param resolvedLagMillis age of what has arrived for certain; -1 when that is not known
 * @param sent items sent and acknowledged since the lane began
 * @param taken of them, those that became the stored version
 * @param lost of them, those that met a greater one
 * @param parked how often the target found this region's clock too far ahead
 * @param latencyMillis sum over changes of the time from the write to its acknowledgement
 * @param latencies how many changes that is
 * @param trouble why it does not go on at present; empty when it does
 */
public record RegionLag(
    long partition,
    int table,
    String region,
    boolean walked,
    long entries,
    long lagMillis,
    long resolvedLagMillis,
    long sent,
    long taken,
    long lost,
    long parked,
    long latencyMillis,
    long latencies,
    String trouble) {}
