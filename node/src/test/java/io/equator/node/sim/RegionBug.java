package io.equator.node.sim;

/** What may be broken between regions on purpose. */
enum RegionBug {
  /** Changes that came from another region are sent on. */
  SHIP_FOREIGN_CHANGES,
  /** Tombstones go before every region has passed them. */
  DROP_TOMBSTONES_EARLY,
  /** A deletion leaves no tombstone. */
  KEEP_NO_TOMBSTONES,
  /** The version that comes last stays, not the greater one. */
  COMPARE_BY_ARRIVAL,
  /** A cursor that belongs to no membership of now is believed. */
  TRUST_A_STALE_CURSOR,
  /** The target answers before its writes are in its log. */
  ACKNOWLEDGE_BEFORE_DURABLE,
  /** An expired item is deleted with the time of now. */
  EXPIRE_BY_NOW,
  /** A write does not look at the version that it replaces. */
  WRITE_BELOW_WHAT_IS_THERE,
  /** A timestamp is closed although a transaction will still write below it. */
  CLOSE_OVER_LOCKS,
  /** A write that leaves the item as it was is not sent. */
  FORGET_UNCHANGED_ITEMS,
  /** The halves of a partition begin before its log has been sent to the end. */
  HALVES_DO_NOT_WAIT,
  /** A region that was given up takes part again when it comes back, with what it has. */
  COME_BACK_BY_ITSELF,
  /** Nobody sends what a region that is gone had sent to some and not to others. */
  LEAVE_WHAT_THE_GONE_SENT,
  /** A region that is being filled does not wait for those that leave. */
  FORGET_WHO_LEAVES(2892),
  /** A region that joins again is to send what it wrote before, although it has nothing. */
  LEAVE_IT_TO_WHO_JOINS_AGAIN(16159);

  /** The first seed to look at: some bugs need a coincidence that few runs have. */
  final long firstSeed;

  RegionBug() {
    this(1);
  }

  RegionBug(long firstSeed) {
    this.firstSeed = firstSeed;
  }
}
