package io.equator.node.sim;

/** What may be broken in the node on purpose; for the log, see {@code PlantedBug}. */
enum NodeBug {
  /** Entries count whatever term they were decided in. */
  NO_TERM_GUARD,
  /** A request that is sent again is not recognised. */
  NO_REQUEST_IDS
}
