package io.equator.node.indexes;

/**
 * What comparing global indexes with their tables came to, in the scrubs that this node has made,
 * since its start.
 *
 * @param complete scrubs of one partition and one index in which everything was looked at
 * @param incomplete those in which a partition did not answer
 * @param missing items that were not in the index, though they should have been
 * @param different rows with other attributes than their items
 * @param unexpected rows that no item called for
 * @param repaired of those three, what was put right
 * @param unsettled items that changed each time that they were looked at
 * @param unreadable rows whose keys cannot be read
 */
public record IndexScrubStatistics(
    long complete,
    long incomplete,
    long missing,
    long different,
    long unexpected,
    long repaired,
    long unsettled,
    long unreadable) {}
