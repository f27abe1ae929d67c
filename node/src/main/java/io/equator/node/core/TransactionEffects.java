package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.node.core.TransactionDecider.Decided;
import io.equator.proto.ActionResult;
import io.equator.proto.Effect;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemLock;
import io.equator.proto.LockItems;
import io.equator.proto.TransactWrite;
import java.util.ArrayList;
import java.util.List;

/** What a decided part of a transaction puts into the log. */
final class TransactionEffects {
  /** Bytes of locks in one effect: with their frame they must fit one entry. */
  private static final int LOCKS_BYTES_MAX = 512 << 10;

  private TransactionEffects() {}

  /** A whole transaction. */
  static Effect write(TransactionCall call, Decided decided) {
    TransactWrite.Builder write =
        TransactWrite.newBuilder()
            .setTransactionId(call.request.getTransactionId())
            .setKeptLong(!call.request.getLedgerKey().isEmpty());
    for (int i = 0; i < call.keys.size(); i++) {
      ItemEffect effect = decided.effects.get(i);
      if (effect != null) {
        write.addEffects(effect);
      }
      write.addOutcomes(outcome(decided.results.getActions(i)));
    }
    return Effect.newBuilder().setTransactWrite(write).build();
  }

  /** Locks for what is not locked yet, in as many effects as it needs. */
  static List<Effect> locks(
      TransactionCall call, Decided decided, TransactionState state, long millis) {
    List<Effect> effects = new ArrayList<>();
    LockItems.Builder locks = locks(call, millis);
    int bytes = 0;
    for (int i = 0; i < call.keys.size(); i++) {
      if (state.holder(call.keys.get(i)) != null) {
        continue;
      }
      ItemLock lock = lock(call, decided, i);
      if (bytes > 0 && bytes + lock.getSerializedSize() > LOCKS_BYTES_MAX) {
        effects.add(Effect.newBuilder().setLockItems(locks).build());
        locks = locks(call, millis);
        bytes = 0;
      }
      locks.addLocks(lock);
      bytes += lock.getSerializedSize();
    }
    if (bytes > 0) {
      effects.add(Effect.newBuilder().setLockItems(locks).build());
    }
    return effects;
  }

  private static LockItems.Builder locks(TransactionCall call, long millis) {
    return LockItems.newBuilder()
        .setTransactionId(call.request.getTransactionId())
        .setLedgerKey(call.request.getLedgerKey())
        .setMillis(millis);
  }

  private static ItemLock lock(TransactionCall call, Decided decided, int index) {
    byte[] row = call.keys.get(index).bytes();
    ItemLock.Builder lock =
        ItemLock.newBuilder()
            .setTableId(call.tables.get(index).id())
            .setKey(ByteString.copyFrom(row, StoreKeys.PREFIX, row.length - StoreKeys.PREFIX))
            .setOutcome(outcome(decided.results.getActions(index)));
    ItemEffect effect = decided.effects.get(index);
    if (effect != null) {
      lock.setEffect(effect);
    }
    return lock.build();
  }

  private static ByteString outcome(ActionResult result) {
    return result.getWritten().toByteString();
  }
}
