package io.equator.node.core;

/** What applying an entry came to; a function of the log alone, so equal on every replica. */
public enum EntryOutcome {
  /** Its effects are in the state. */
  APPLIED,
  /**
   * Term guard: decided in another term than it stands in; changed nothing, to be decided again.
   */
  STALE_TERM,
  /** Epoch guard: decided for another placement of the partition; changed nothing. */
  WRONG_EPOCH,
  /**
   * Order guard: a later entry of its term was applied before it; changed nothing, to be decided
   * again.
   */
  OUT_OF_ORDER,
  /**
   * Schema guard: a write in it was decided with a schema that is too old by now; changed nothing,
   * to be decided again.
   */
  STALE_SCHEMA,
  /**
   * A change in it has a timestamp that has been closed since it was decided; changed nothing, to
   * be decided again.
   */
  CLOSED_TIMESTAMP,
  /** The partition was sealed before: its tokens belong to others; changed nothing. */
  SEALED,
  /** The partition was opened for a split and owns nothing yet; changed nothing. */
  NOT_ACTIVE,
  /** The partition owns its tokens from here on: its state is to be read anew from the store. */
  ACTIVATED,
  /** The state holds it already: the log is being replayed after a restart. */
  REPLAYED
}
