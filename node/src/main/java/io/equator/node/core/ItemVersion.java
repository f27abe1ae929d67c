package io.equator.node.core;

import io.equator.model.item.StoredValue;

/**
 * Which state of an item this is, the same in every region: the greater version wins.
 *
 * <p>The order is total, and two different states never have the same version: a region's clock
 * gives each timestamp once for a key. So keeping the greater one is a join: it is idempotent,
 * commutative and associative, and order, repetition and delay of what regions send cannot matter.
 *
 * @param timestamp hybrid logical clock, unsigned
 * @param region the number of the region that wrote it; {@link #NO_REGION} is lower than all
 */
public record ItemVersion(long timestamp, int region) implements Comparable<ItemVersion> {
  /**
   * The rank of deletions of expired items. Their timestamp is the item's own plus one tick, so
   * every region derives the same tombstone from the same item, and every real write that has seen
   * the item beats it, also one that is still on its way.
   */
  public static final int NO_REGION = 0;

  /** The version of a stored item or tombstone. */
  public static ItemVersion of(StoredValue value) {
    return new ItemVersion(value.timestamp(), value.originRegion());
  }

  @Override
  public int compareTo(ItemVersion other) {
    int byTime = Long.compareUnsigned(timestamp, other.timestamp);
    return byTime != 0 ? byTime : Integer.compare(region, other.region);
  }
}
