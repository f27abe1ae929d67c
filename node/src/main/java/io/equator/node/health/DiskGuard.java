package io.equator.node.health;

import java.util.List;

/**
 * Says how full the disks are, with some stickiness, so that a node does not change its mind with
 * every file that comes and goes. Pure; used by one thread.
 */
public final class DiskGuard {
  private final DiskLimits limits;
  private DiskState state = DiskState.ROOM;

  /** A guard of disks with room. */
  public DiskGuard(DiskLimits limits) {
    this.limits = limits;
  }

  /**
   * Takes a look into account.
   *
   * @param spaces of all folders that the node writes to
   * @param failed whether writing has failed for want of space, whatever the figures say (a quota,
   *     space that is reserved)
   */
  public DiskState look(List<DiskSpace> spaces, boolean failed) {
    DiskState fullest = failed ? DiskState.EXHAUSTED : DiskState.ROOM;
    for (DiskSpace space : spaces) {
      DiskState one = state(space);
      fullest = one.compareTo(fullest) > 0 ? one : fullest;
    }
    state = fullest;
    return fullest;
  }

  private DiskState state(DiskSpace space) {
    long least = limits.least(space);
    long free = space.freeBytes();
    boolean exhausted = state == DiskState.EXHAUSTED ? free < least / 2 : free < least / 4;
    if (exhausted) {
      return DiskState.EXHAUSTED;
    }
    boolean full = state == DiskState.ROOM ? free < least : free < least + least / 4;
    return full ? DiskState.FULL : DiskState.ROOM;
  }
}
