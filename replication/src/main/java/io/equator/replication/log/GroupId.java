package io.equator.replication.log;

import java.util.UUID;

/**
 * Names one Raft group: a partition by its id, or the region's catalog.
 *
 * @param number the partition's id, from 1; 0 is the catalog
 */
public record GroupId(long number) implements Comparable<GroupId> {

  /** The group that holds the region's metadata. */
  public static final GroupId CATALOG = new GroupId(0);

  /** "equator", then the kind of numbering; the high half of each group's UUID on disk. */
  private static final long UUID_HIGH = 0x65717561746f7201L;

  /** The group of the partition with this id. */
  public static GroupId ofPartition(long partitionId) {
    if (partitionId <= 0) {
      throw new IllegalArgumentException("partition ids start at 1, was " + partitionId);
    }
    return new GroupId(partitionId);
  }

  /** The group's name in the Raft library and of its directory. */
  public UUID uuid() {
    return new UUID(UUID_HIGH, number);
  }

  @Override
  public int compareTo(GroupId other) {
    return Long.compareUnsigned(number, other.number);
  }

  @Override
  public String toString() {
    return number == 0 ? "catalog" : "P" + Long.toUnsignedString(number);
  }
}
