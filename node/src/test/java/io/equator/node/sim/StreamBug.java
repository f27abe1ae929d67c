package io.equator.node.sim;

/** What may be broken in streams on purpose. */
enum StreamBug {
  /** The shard of a partition counts as closed as soon as its split is announced. */
  PARENT_IS_OVER_BEFORE_IT_IS_SEALED,
  /** The shards of the halves of a partition do not name their parent. */
  FORGET_THE_PARENT,
  /** Behind a change of the leader some records come again. */
  READ_AGAIN_AFTER_A_CHANGE_OF_LEADER,
  /** Sequence numbers of a half are those of its own log alone. */
  NUMBERS_BEGIN_ANEW_AFTER_A_SPLIT,
  /** Records may go before they are old. */
  TRIM_WHAT_IS_YOUNG,
  /** A node with an old copy of the catalog lets go of what a newer stream needs. */
  TRIM_WITH_AN_OLD_COPY,
  /** A reader behind the trimmed records does not learn of it. */
  HIDE_THE_TRIM,
  /** Who reads a shard goes on behind a rotation. */
  READ_BEYOND_THE_ROTATION,
  /** The shards of a stream that was switched off are over before the last write is in them. */
  OFF_IS_OVER_AT_ONCE
}
