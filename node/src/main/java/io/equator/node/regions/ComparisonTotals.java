package io.equator.node.regions;

/**
 * What this node has found since its start by comparing a table with another region.
 *
 * @param table the table's number
 * @param compared keys
 * @param different of them, those of which the other region had less than it must have
 * @param merged of those, the ones that it has now
 * @param corrupt keys with one version and two values
 */
public record ComparisonTotals(
    int table, String region, long compared, long different, long merged, long corrupt) {}
