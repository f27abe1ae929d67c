package io.equator.node.core;

import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * One request for a transaction's part, from its first latch to its answer.
 *
 * <p>Latches are taken one after the other in the order of the keys' bytes. A transaction that
 * waits for one holds only smaller ones, and a single write holds one and waits for none: so nobody
 * waits in a circle.
 */
final class TransactionCall implements LatchWaiter {
  private final PartitionTransactions owner;
  private final Latches<LatchWaiter> latches;
  private final Consumer<PrepareResponse> answer;
  final PrepareRequest request;
  final TransactionId id;
  final List<TableView> tables;

  /** The whole transaction is decided here. */
  final boolean whole;

  /** In the order of the actions. */
  final List<RowKey> keys;

  private final List<RowKey> ordered;
  private int held;

  TransactionCall(
      PartitionTransactions owner,
      Latches<LatchWaiter> latches,
      PrepareRequest request,
      List<TableView> tables,
      boolean whole,
      Consumer<PrepareResponse> answer) {
    this.owner = owner;
    this.latches = latches;
    this.request = request;
    this.id = TransactionId.of(request.getTransactionId());
    this.tables = tables;
    this.whole = whole;
    this.answer = answer;
    this.keys = new ArrayList<>(request.getActionsCount());
    for (int i = 0; i < request.getActionsCount(); i++) {
      keys.add(
          new RowKey(
              StoreKeys.item(tables.get(i).id(), request.getActions(i).getWrite().getKey())));
    }
    this.ordered = new ArrayList<>(keys);
    this.ordered.sort(Comparator.comparing(RowKey::bytes, Arrays::compareUnsigned));
  }

  /** Whether two actions have the same key. */
  boolean repeatsKey() {
    for (int i = 1; i < ordered.size(); i++) {
      if (ordered.get(i).equals(ordered.get(i - 1))) {
        return true;
      }
    }
    return false;
  }

  /** Takes the first latch, and the next ones while they are free. */
  void start() {
    while (held < ordered.size()) {
      RowKey next = ordered.get(held);
      if (!latches.acquire(next, this)) {
        return;
      }
      held++;
    }
    owner.decide(this);
  }

  /** The latch that it waited for is its own now. */
  void granted() {
    held++;
    start();
  }

  /** Gives up all latches, which it has. */
  void release(PartitionWriter writer) {
    for (RowKey key : ordered) {
      writer.resume(latches.release(key));
    }
  }

  void answer(PrepareResponse response) {
    answer.accept(response);
  }
}
