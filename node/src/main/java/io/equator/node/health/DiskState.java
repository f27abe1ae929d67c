package io.equator.node.health;

/** How full a node's disks are, the fullest counts; see {@link DiskLimits}. */
public enum DiskState {
  /** All is well. */
  ROOM,
  /** It takes no writes, and leads only what nobody else can lead. */
  FULL,
  /** It does not follow either: its replicas are closed until space comes back. */
  EXHAUSTED
}
