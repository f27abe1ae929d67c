package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.expression.CompiledCondition;
import io.equator.model.expression.CompiledUpdate;
import io.equator.model.expression.UpdateResult;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.proto.ChangeCapture;
import io.equator.proto.ChangeCause;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.ReturnValues;
import io.equator.proto.Written;
import io.equator.replication.catalog.CaptureRule;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides one write: what the key will hold, or why not. Reads the state, changes nothing.
 *
 * <p>The caller holds the latch of the key from before the read until the effect is applied, so the
 * state read here is the state that the effect replaces.
 *
 * <p>Order of the checks, as the API has it: what is wrong with the update whatever the item holds,
 * the condition, the update itself, keys of indexes, sizes.
 */
final class Decider {
  /** 400 KB, the greatest item. */
  static final int ITEM_SIZE_MAX = 409_600;

  /** 10 GB, the greatest item collection of a table with local indexes. */
  static final long COLLECTION_SIZE_MAX = 10L << 30;

  private final StoreView state;
  private final HybridClock clock;
  private final int region;
  private final TransactionState transactions;

  Decider(StoreView state, HybridClock clock, int region, TransactionState transactions) {
    this.state = state;
    this.clock = clock;
    this.region = region;
    this.transactions = transactions;
  }

  /** The value of an item as applied; null when there is none. */
  byte @Nullable [] stored(byte[] row) {
    return state.get(Family.ITEMS, row);
  }

  /**
   * Decides.
   *
   * @param row the item's key in {@link Family#ITEMS}
   * @param before the value that the write meets; null when there is no item
   */
  Decision decide(TableView table, ItemWrite write, byte[] row, @Nullable StoredValue before) {
    return decide(table, write, row, before, 0);
  }

  /** The timestamp that a change of this item must be above. */
  long floor(byte[] row, @Nullable StoredValue before) {
    return before == null ? transactions.deletedBefore(row) : before.timestamp();
  }

  /**
   * Decides.
   *
   * @param given the timestamp of the change, which is above {@link #floor}; 0 to take the next one
   */
  Decision decide(
      TableView table, ItemWrite write, byte[] row, @Nullable StoredValue before, long given) {
    if (write.hasUpdate()) {
      ApiError refusal = UpdateChecks.beforeReading(table, write.getUpdate().getUpdate());
      if (refusal != null) {
        return new Decision.Refused(refusal);
      }
    }
    EncodedItem old = before == null ? null : before.item();
    if (write.hasCondition()
        && !CompiledCondition.of(write.getCondition())
            .test(old == null ? EncodedItem.EMPTY : old)) {
      return new Decision.ConditionFailed(old);
    }
    long timestamp = given != 0 ? given : clock.after(floor(row, before));
    return switch (write.getActionCase()) {
      case PUT -> {
        EncodedItem item = EncodedItem.wrap(write.getPut());
        yield change(table, write, row, before, item, null, timestamp);
      }
      case UPDATE -> update(table, write, row, before, timestamp);
      case DELETE ->
          old == null
              ? new Decision.Nothing(Written.getDefaultInstance())
              : change(table, write, row, before, null, null, timestamp);
      case MERGE, ACTION_NOT_SET ->
          new Decision.Refused(
              new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "a write without an action", null));
    };
  }

  private Decision update(
      TableView table, ItemWrite write, byte[] row, @Nullable StoredValue before, long timestamp) {
    EncodedItem base =
        before == null ? EncodedItem.wrap(write.getUpdate().getKeyAttributes()) : before.item();
    UpdateResult result = CompiledUpdate.of(write.getUpdate().getUpdate()).apply(base);
    return switch (result) {
      case UpdateResult.Refused(ApiError error) -> new Decision.Refused(error);
      case UpdateResult.Updated updated -> {
        EncodedItem item = updated.item();
        ApiError refusal = UpdateChecks.afterEvaluation(table, write.getUpdate().getUpdate(), item);
        if (refusal != null) {
          yield new Decision.Refused(refusal);
        }
        yield change(table, write, row, before, item, updated, timestamp);
      }
    };
  }

  private Decision change(
      TableView table,
      ItemWrite write,
      byte[] row,
      @Nullable StoredValue before,
      @Nullable EncodedItem item,
      UpdateResult.@Nullable Updated updated,
      long timestamp) {
    EncodedItem old = before == null ? null : before.item();
    ItemKey key = write.getKey();
    int oldSize = old == null ? 0 : old.sizeBytes();
    int newSize = item == null ? 0 : item.sizeBytes();
    ItemEffect.Builder effect =
        ItemEffect.newBuilder()
            .setTableId(table.id())
            .setKey(
                UnsafeByteOperations.unsafeWrap(
                    row, StoreKeys.PREFIX, row.length - StoreKeys.PREFIX))
            .setItemCountDelta((item == null ? 0 : 1) - (old == null ? 0 : 1))
            .setSizeDelta(newSize - oldSize)
            .setTimestamp(timestamp)
            .setSchemaVersion(table.reference().getSchemaVersion());
    String expiry = table.expiryAttribute();
    if (expiry != null) {
      Expiries.note(expiry, old, item, effect);
    }
    if (item != null) {
      effect.setValue(StoredValue.of(item, timestamp, region).toByteString());
    }
    Written.Builder written =
        Written.newBuilder().setOldSize(oldSize).setNewSize(newSize).setTimestamp(timestamp);
    List<IndexView> indexes = table.localIndexes();
    if (!indexes.isEmpty()) {
      long growth = (long) newSize - oldSize;
      for (int i = 0; i < indexes.size(); i++) {
        growth +=
            LocalIndexRows.add(indexes.get(i), key, old, item, timestamp, region, effect, written);
      }
      int collectionLength = StoreKeys.TOKEN + key.getPartitionKey().size();
      effect.setCollectionKeyLength(collectionLength);
      long size = collectionSize(table, effect.getKey().substring(0, collectionLength)) + growth;
      if (growth > 0 && size > COLLECTION_SIZE_MAX) {
        return new Decision.Refused(
            new ApiError(
                ErrorCode.ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, "Collection size exceeded.", null));
      }
      if (write.getWantCollectionSize()) {
        written.setCollectionSize(size);
      }
    }
    ByteString returned = returned(write.getReturnValues(), old, item, updated);
    if (returned != null) {
      written.setAttributes(returned);
    }
    CaptureRule rule = table.capture();
    if (rule.captures() && !unchanged(old, item) && isRead(table, old, item, written)) {
      effect.setCapture(capture(rule, table.streamId(), write.getCause(), before));
    }
    return new Decision.Change(effect.build(), written.build());
  }

  /** Whether a reader of the change log will look at this change; notes what indexes will do. */
  private static boolean isRead(
      TableView table,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      Written.Builder written) {
    List<IndexView> indexes = table.globalIndexes();
    int before = written.getIndexChangesCount();
    for (int i = 0; i < indexes.size(); i++) {
      GlobalIndexChanges.add(indexes.get(i), old, item, written);
    }
    return table.descriptor().getStreamEnabled() || written.getIndexChangesCount() > before;
  }

  /** A write that leaves the item as it was makes no change record. */
  private static boolean unchanged(@Nullable EncodedItem old, @Nullable EncodedItem item) {
    return old != null && item != null && old.contentEquals(item);
  }

  private static ChangeCapture capture(
      CaptureRule rule, long streamId, ChangeCause cause, @Nullable StoredValue before) {
    ChangeCapture.Builder capture =
        ChangeCapture.newBuilder()
            .setNewImage(rule.newImage())
            .setReplaces(before != null)
            .setStreamId(streamId)
            .setCause(cause);
    if (rule.oldImage() && before != null) {
      capture.setOldValue(before.toByteString());
    }
    return capture.build();
  }

  /**
   * Bytes of an item collection as applied. Writes to other items of it may be on their way, so the
   * limit can be passed by what is in flight; it is a limit of gigabytes.
   */
  long collectionSize(TableView table, ByteString tokenAndPartitionKey) {
    byte[] row = state.get(Family.META, MetaRows.collectionKey(table.id(), tokenAndPartitionKey));
    return row == null ? 0 : MetaRows.collection(row);
  }

  private static @Nullable ByteString returned(
      ReturnValues wanted,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      UpdateResult.@Nullable Updated updated) {
    return switch (wanted) {
      case NONE, UNRECOGNIZED -> null;
      case ALL_OLD -> old == null ? null : old.toByteString();
      case ALL_NEW -> item == null ? null : item.toByteString();
      case UPDATED_OLD -> touched(old, updated);
      case UPDATED_NEW -> touched(item, updated);
    };
  }

  private static @Nullable ByteString touched(
      @Nullable EncodedItem item, UpdateResult.@Nullable Updated updated) {
    if (item == null || updated == null) {
      return null;
    }
    EncodedItem projected = updated.touched().project(item);
    return projected.isEmpty() ? null : projected.toByteString();
  }
}
