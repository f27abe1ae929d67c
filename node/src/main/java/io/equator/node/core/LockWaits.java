package io.equator.node.core;

/**
 * How long a single write waits for the transaction that holds its item, before it is told of the
 * conflict: about as long as a transaction takes that meets no trouble.
 */
@FunctionalInterface
public interface LockWaits {
  /** Nobody waits. */
  LockWaits NONE =
      new LockWaits() {
        @Override
        public void after(Runnable end) {
          end.run();
        }
      };

  /** What a write is given. */
  long BUDGET_MILLIS = 30;

  /** Runs this when the time is over, on any thread. */
  void after(Runnable end);
}
