/**
 * Transactions: the two operations, and the protocol behind them.
 *
 * <p>{@link io.equator.coordinator.transactions.TransactionEngine} is what operations use; it says
 * how a transaction goes and why it has one outcome. The locks are the storage nodes' matter; the
 * decision stands in the ledger, a table that every cluster has.
 *
 * <p><b>May import</b> the router, {@code items} for what single-item operations share, {@code api}
 * and {@code json} in the operations. <b>Must not</b> import the node's code.
 *
 * <p><b>Always true:</b> a participant is told to commit or to cancel only after that stands
 * durably in the ledger; a transaction that was answered as committed is visible in all of its
 * partitions; a row of the ledger goes only when every participant knows the end.
 *
 * <p><b>Start at</b> {@code TransactionEngine}, then {@code WriteTransaction}, {@code Settlement},
 * {@code ReadTransaction}.
 */
@NullMarked
package io.equator.coordinator.transactions;

import org.jspecify.annotations.NullMarked;
