package io.equator.node.core;

/** Who holds a latch of a key or waits for it: a single write, or a transaction on its way. */
sealed interface LatchWaiter permits PartitionWriter.PendingWrite, TransactionCall {}
