package io.equator.node.integrity;

/**
 * What the scrubs of the partitions that this node has led came to, since its start.
 *
 * @param equal scrubs in which every replica was equal
 * @param incomplete scrubs in which not every replica could be compared
 * @param different replicas found to differ from a majority, or damaged
 * @param noMajority scrubs in which no majority was equal and sound
 * @param condemned replicas of this node that were taken out to be made anew
 */
public record IntegrityStatistics(
    long equal, long incomplete, long different, long noMajority, long condemned) {}
