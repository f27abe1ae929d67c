package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.proto.HeldLocks;
import io.equator.replication.clock.HybridClock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Transactions over any items of the region: what TransactWriteItems, TransactGetItems and
 * ExecuteTransaction have in common.
 *
 * <pre>
 *   one partition, no token         one entry of that partition's log
 *   one partition, its token's row  the same entry holds the row too
 *     lies in it
 *   one partition, a token          row SINGLE ─▶ that entry ─▶ answer, row COMPLETED
 *   several partitions              row PREPARING ─▶ prepare each ─▶ row COMMITTED or CANCELLED ─▶ finish each ─▶ answer, row COMPLETED
 * </pre>
 *
 * <p><b>The commit point</b> of a transaction of several partitions is one compare-and-set of its
 * row. Who wants to commit must have seen the row COMMITTED, durably, and who cancels CANCELLED: so
 * it has one outcome, however many coordinators work on it at the same time. That of one partition
 * is its entry.
 *
 * <p><b>No heartbeats.</b> A transaction decides within {@link TransactionLimits#decideWithin} or
 * cancels itself, so a row that is older may be taken over by anybody: by a request with the same
 * token, by the {@link TransactionSweeper}. To cancel a transaction that is still at work is never
 * wrong, since its own compare-and-set then fails. This saves a write to the ledger each second,
 * and bounds how long items are locked.
 *
 * <p>The caller is answered after all partitions have finished, so a read that follows sees
 * everything. It does not wait until the row is COMPLETED: a request with the same token that finds
 * it decided goes through the partitions again, which know, and one that finds it SINGLE or
 * PREPARING looks again for a moment before it is told that the first is in progress.
 *
 * <p>Nothing here blocks; futures complete on whatever thread brings the last answer.
 */
public final class TransactionEngine {
  private final PartitionAccess access;
  private final TransactionLimits limits;
  private final HybridClock clock;
  private final RandomGenerator random;
  private final Ledger ledger;
  private final Settlement settlement;

  /**
   * An engine.
   *
   * @param random makes ids that nobody can foresee; used by many threads
   */
  public TransactionEngine(
      PartitionAccess access, TransactionLimits limits, HybridClock clock, RandomGenerator random) {
    this.access = access;
    this.limits = limits;
    this.clock = clock;
    this.random = random;
    this.ledger = new Ledger(access);
    this.settlement = new Settlement(access, ledger, limits);
  }

  /**
   * Makes all actions, or none.
   *
   * @param actions 1 to 100
   * @throws ApiException at once, or in the future: what is no matter of a single action, such as a
   *     table that is not there, an item that is named twice, a token of another request
   */
  public CompletableFuture<TransactWriteOutcome> write(
      List<TransactAction> actions, Optional<ClientToken> token) {
    return new WriteTransaction(this, actions, token).start();
  }

  /**
   * Reads items as they were at one moment.
   *
   * @param gets 1 to 100
   * @throws ApiException at once, or in the future
   */
  public CompletableFuture<TransactReadOutcome> read(List<TransactGet> gets) {
    return new ReadTransaction(access, settlement, limits, gets).start();
  }

  /**
   * Brings the transaction that holds these locks to its end, if nobody else does.
   *
   * @return true when it has ended
   */
  public CompletableFuture<Boolean> settle(HeldLocks held) {
    return settlement.settleLock(
        held.getLedgerKey(), held.getTransactionId(), held.getRingId(), held.getToken());
  }

  /**
   * Brings the transaction of a row of the ledger to its end, if nobody else does; removes the row
   * when it is of no use any more.
   *
   * @return true when it has ended
   */
  public CompletableFuture<Boolean> settle(EncodedItem ledgerItem) {
    return settlement.settle(Ledger.Entry.of(ledgerItem));
  }

  PartitionAccess access() {
    return access;
  }

  TransactionLimits limits() {
    return limits;
  }

  Ledger ledger() {
    return ledger;
  }

  Settlement settlement() {
    return settlement;
  }

  long timestamp() {
    return clock.nextBits();
  }

  ByteString randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
