package io.equator.coordinator.transactions;

import io.equator.model.error.CancellationReason;
import io.equator.proto.ReplayCharge;
import io.equator.proto.Written;
import java.util.List;

/** How a transaction of writes has ended. */
public sealed interface TransactWriteOutcome {
  /** Every action is done, durably, and visible; in the order of the actions. */
  record Committed(List<Written> writes) implements TransactWriteOutcome {}

  /** The same request was committed before under this token; nothing was done now. */
  record Replayed(List<ReplayCharge> charges) implements TransactWriteOutcome {}

  /** Nothing is done; one reason for each action, in order. */
  record Cancelled(List<CancellationReason> reasons) implements TransactWriteOutcome {}
}
