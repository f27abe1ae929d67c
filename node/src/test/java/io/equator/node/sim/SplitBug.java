package io.equator.node.sim;

/** What may be broken in splits on purpose. */
enum SplitBug {
  /** A sealed partition goes on applying what comes. */
  WRITE_BEHIND_THE_SEAL,
  /** An heir applies its activation where the parent is not sealed yet. */
  ACTIVATE_BEFORE_THE_PARENT_IS_SEALED_HERE,
  /** An heir does not know which requests the parent has answered. */
  FORGET_THE_REQUESTS,
  /** An heir does not know when keys were deleted. */
  FORGET_THE_DELETIONS,
  /** An heir does not know which transactions are over. */
  FORGET_THE_FINISHED,
  /** One replica of an heir does not get the schema floors. */
  LOSE_A_PART_OF_THE_HANDOVER,
  /** An heir does not see the locks under its tokens. */
  FORGET_THE_LOCKS,
  /** A transaction's end is told to one half of what was one partition. */
  TELL_ONE_HALF,
  /** A replica throws the parent away, and the rows under its tokens with it. */
  THROW_THE_ROWS_AWAY
}
