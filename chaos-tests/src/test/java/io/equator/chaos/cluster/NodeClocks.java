package io.equator.chaos.cluster;

/** The wall clocks of nodes. */
public interface NodeClocks {

  /** From now on a node's clock is so far off; 0 sets it right. Proves that it is so. */
  void shift(int node, int seconds) throws Exception;
}
