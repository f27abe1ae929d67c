package io.equator.node.indexes;

/**
 * How much a pump carries at a time.
 *
 * @param changes of the change log, at most
 * @param walkItems that one step of a walk reads, at most
 */
record PumpLimits(int changes, int walkItems) {
  static final PumpLimits DEFAULT = new PumpLimits(512, 256);
}
