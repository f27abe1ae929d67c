package io.equator.node.sim;

/** What may be broken in moves on purpose. */
enum MoveBug {
  /** A node that is to leave throws its replica away as soon as the move is written down. */
  ERASE_BEFORE_THE_MEMBERS_HAVE_CHANGED,
  /**
   * A move counts as done when its leader has a configuration that may never be committed; nor do
   * nodes ask the group, which would save it.
   */
  END_BEFORE_THE_MEMBERS_HAVE_CHANGED,
  /** A member that is taken in counts as if it had everything. */
  COUNT_NEW_MEMBERS_AT_ONCE,
  /** A node that is taken in opens its empty replica as one that votes. */
  JOIN_AS_A_VOTER,
  /** A node throws a replica away because its copy of the catalog says so. */
  ERASE_BY_AN_OLD_COPY,
  /** A node opens a replica that it has thrown away, because its copy of the catalog says so. */
  OPEN_BY_AN_OLD_COPY,
  /** A node throws a replica away without asking whether its group still counts it. */
  ERASE_WITHOUT_ASKING_THE_GROUP,
  /** The new members rule as soon as the leader says so, without a joint configuration. */
  CHANGE_IN_ONE_STEP,
  /** A move is written down over another one of the same partition. */
  BEGIN_OVER_ANOTHER_MOVE,
  /**
   * A node that gets a replica of a partition that has been split replays its log from the first
   * entry.
   */
  JOIN_A_SPLIT_ONE_BY_ITS_LOG,
  /** A node whose disk is lost comes back under its name. */
  COME_BACK_EMPTY
}
