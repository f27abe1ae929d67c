package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.expression.CompiledCondition;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.TransactionState.Held;
import io.equator.proto.ActionResult;
import io.equator.proto.ChangeCause;
import io.equator.proto.Conflict;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemWrite;
import io.equator.proto.PrepareResults;
import io.equator.proto.PrepareResults.Vote;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides a transaction's part of one partition: what each action does, or why not. Reads the
 * state, changes nothing.
 *
 * <p>The caller holds the latches of all keys, or only wants to know the reasons of a refusal.
 */
final class TransactionDecider {
  /** Bytes of new items in one partition; the API's limit for a whole transaction. */
  private static final int ITEMS_BYTES_MAX = 4 << 20;

  private final Decider decider;
  private final TransactionState state;

  TransactionDecider(Decider decider, TransactionState state) {
    this.decider = decider;
    this.state = state;
  }

  /** What the actions come to, decided from the applied state. */
  static final class Decided {
    final PrepareResults.Builder results = PrepareResults.newBuilder().setVote(Vote.ACCEPTED);

    /** One for each action; null for those that only check, or do nothing. */
    final List<@Nullable ItemEffect> effects = new ArrayList<>();

    long bytes;
  }

  /** The timestamp that the transaction must be above. */
  long floor(TransactionCall call) {
    long floor = 0;
    for (int i = 0; i < call.keys.size(); i++) {
      byte[] row = call.keys.get(i).bytes();
      TableView table = call.tables.get(i);
      long own = decider.floor(table, row, decider.stored(table, row));
      floor = Long.compareUnsigned(own, floor) > 0 ? own : floor;
    }
    return floor;
  }

  /**
   * Decides every action; one that is refused refuses them all, but each says its own reason.
   *
   * @param timestamp of the writes; 0 when nothing will be written
   */
  Decided decide(TransactionCall call, long timestamp) {
    Decided decided = new Decided();
    long itemBytes = 0;
    Map<ByteString, Long> grown = new HashMap<>();
    for (int i = 0; i < call.keys.size(); i++) {
      RowKey key = call.keys.get(i);
      ItemWrite write = call.request.getActions(i).getWrite();
      Held holder = state.holder(key);
      ItemEffect effect = null;
      ActionResult result;
      if (holder != null && !holder.transaction().equals(call.id)) {
        result = ActionResult.newBuilder().setConflict(Conflict.getDefaultInstance()).build();
      } else if (holder != null) {
        // Locked by an earlier copy of this request.
        result = written(holder.outcome());
      } else {
        StoredValue before = decider.stored(call.tables.get(i), key.bytes());
        Decision decision = decide(call.tables.get(i), write, key, before, timestamp);
        if (decision instanceof Decision.Change(ItemEffect change, Written written)) {
          effect = ofTransaction(change, call);
          itemBytes += written.getNewSize();
          decided.bytes += change.getSerializedSize() + 128;
          result = limits(call.tables.get(i), change, written, itemBytes, grown);
        } else {
          result = result(Answers.unchanged(write, decision));
        }
      }
      if (!result.hasWritten()) {
        decided.results.setVote(Vote.REFUSED);
      }
      decided.results.addActions(result);
      decided.effects.add(effect);
    }
    decided.results.setMinTimestamp(timestamp);
    return decided;
  }

  private Decision decide(
      TableView table, ItemWrite write, RowKey key, @Nullable StoredValue before, long timestamp) {
    if (write.getActionCase() != ItemWrite.ActionCase.ACTION_NOT_SET) {
      return decider.decide(table, write, key.bytes(), before, timestamp);
    }
    EncodedItem item = Decider.item(before);
    if (!CompiledCondition.of(write.getCondition()).test(item == null ? EncodedItem.EMPTY : item)) {
      return new Decision.ConditionFailed(item);
    }
    int size = item == null ? 0 : item.sizeBytes();
    return new Decision.Nothing(Written.newBuilder().setOldSize(size).setNewSize(size).build());
  }

  /** A change record says which transaction made the change. */
  private static ItemEffect ofTransaction(ItemEffect change, TransactionCall call) {
    if (!change.hasCapture()) {
      return change;
    }
    return change.toBuilder()
        .setCapture(
            change.getCapture().toBuilder()
                .setCause(ChangeCause.CAUSE_TRANSACTION)
                .setTransactionId(call.request.getTransactionId()))
        .build();
  }

  /** What the actions may not come to together. */
  private ActionResult limits(
      TableView table,
      ItemEffect change,
      Written written,
      long itemBytes,
      Map<ByteString, Long> grown) {
    if (itemBytes > ITEMS_BYTES_MAX) {
      return result(
          Answers.refused(
              ApiError.validation(
                  "Collection size of items exceeded, which can also be caused by the aggregate"
                      + " size of the items in the transaction exceeding the 4MB limit")));
    }
    if (change.getCollectionKeyLength() > 0) {
      ByteString collection = change.getKey().substring(0, change.getCollectionKeyLength());
      ByteString name = MetaRows.collectionName(table.id(), collection);
      long delta = change.getSizeDelta();
      for (var row : change.getIndexRowsList()) {
        delta += row.getSizeDelta();
      }
      long growth = grown.merge(name, delta, Long::sum);
      if (growth > delta
          && decider.collectionSize(table, collection) + growth > Decider.COLLECTION_SIZE_MAX) {
        return result(
            Answers.refused(
                new ApiError(
                    ErrorCode.ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, "Collection size exceeded.")));
      }
    }
    return ActionResult.newBuilder().setWritten(written).build();
  }

  /** An action that is done, or will be. */
  static ActionResult written(ByteString outcome) {
    try {
      return ActionResult.newBuilder().setWritten(Written.parseFrom(outcome)).build();
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a remembered answer cannot be read", e);
    }
  }

  private static ActionResult result(WriteResult result) {
    ActionResult.Builder action = ActionResult.newBuilder();
    return switch (result.getOutcomeCase()) {
      case WRITTEN -> action.setWritten(result.getWritten()).build();
      case CONDITION_FAILED -> action.setConditionFailed(result.getConditionFailed()).build();
      case REFUSED -> action.setRefused(result.getRefused()).build();
      case OUTCOME_NOT_SET -> throw new IllegalStateException("a write without an outcome");
    };
  }
}
