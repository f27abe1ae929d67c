package io.equator.node.sim;

/** What may be broken in transactions on purpose. */
enum TransactionBug {
  /** The coordinator commits although its compare-and-set in the ledger has failed. */
  COMMIT_WITHOUT_THE_LEDGER,
  /** A participant forgets which transactions are over. */
  FORGET_THE_FINISHED,
  /** A new leader does not know the locks. */
  LOSE_LOCKS_WITH_THE_LEADER,
  /** The caller is answered before the participants have committed. */
  ANSWER_BEFORE_ALL_HAVE_COMMITTED,
  /** Single writes do not look for locks. */
  WRITE_THROUGH_LOCKS,
  /** One participant's refusal is taken for its consent. */
  OVERHEAR_A_REFUSAL,
  /** A read transaction believes its first round. */
  READ_ONCE
}
