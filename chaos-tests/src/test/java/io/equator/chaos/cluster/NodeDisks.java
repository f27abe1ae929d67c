package io.equator.chaos.cluster;

/** The disks of nodes, each of its own. */
public interface NodeDisks {

  /** What a node is configured to keep free, bytes: with less it is read-only. */
  long keptFree();

  /** Takes space until only so many bytes are free. */
  void fillUpTo(int node, long freeBytes) throws Exception;

  /** Gives back what {@link #fillUpTo} took. */
  void free(int node) throws Exception;

  /** Throws away all that is on the disk of a node that does not run. */
  void lose(int node) throws Exception;
}
