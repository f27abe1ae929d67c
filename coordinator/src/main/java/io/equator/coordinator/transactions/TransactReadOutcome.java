package io.equator.coordinator.transactions;

import io.equator.model.error.CancellationReason;
import io.equator.proto.GetResult;
import java.util.List;

/** How a transaction of reads has ended. */
public sealed interface TransactReadOutcome {
  /** What all items were at one moment; in the order of the reads. */
  record Found(List<GetResult> items) implements TransactReadOutcome {}

  /** One reason for each read, in order. */
  record Cancelled(List<CancellationReason> reasons) implements TransactReadOutcome {}
}
