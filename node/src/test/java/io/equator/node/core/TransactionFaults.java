package io.equator.node.core;

/** Breaks what a partition knows of transactions, for simulations that must find it. */
public final class TransactionFaults {
  private TransactionFaults() {}

  /** The finished table is lost. */
  public static void forgetFinished(PartitionMachine machine) {
    machine.transactions().finished.clear();
  }

  /** The locks are lost from memory; their rows stay. */
  public static void loseLocks(PartitionMachine machine) {
    machine.transactions().locks.clear();
    machine.transactions().keysOf.clear();
    machine.transactions().lockCount = 0;
  }

  /** Runs something that does not see locks. */
  public static void withoutLocks(PartitionMachine machine, Runnable blind) {
    TransactionState state = machine.transactions();
    int count = state.lockCount;
    state.lockCount = 0;
    blind.run();
    state.lockCount = count;
  }
}
