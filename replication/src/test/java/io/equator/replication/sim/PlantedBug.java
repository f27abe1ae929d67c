package io.equator.replication.sim;

/** Faults of our own that a simulation must find: they test the tests. */
public enum PlantedBug {
  /** The leader applies and answers what stands on its own disk only. */
  ANSWER_BEFORE_COMMIT,
  /** Strong reads are answered by whoever thinks it leads. */
  CONFIRM_WITHOUT_ASKING,
  /** A new leader decides and answers before it has applied an entry of its own term. */
  READY_TOO_EARLY,
  /** An entry is appended in whatever term the leader is by then. */
  IGNORE_EXPECTED_TERM,
  /** A follower acknowledges before the entry is on its disk. */
  ACKNOWLEDGE_BEFORE_FLUSH,
  /** A member that is taken in counts as if it had everything. */
  COUNT_NEW_MEMBERS_AT_ONCE,
  /** New members rule at once, without those before. */
  CHANGE_IN_ONE_STEP
}
