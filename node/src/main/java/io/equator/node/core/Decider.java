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
import io.equator.proto.MergeOutcome;
import io.equator.proto.ReturnValues;
import io.equator.proto.Written;
import io.equator.replication.catalog.CaptureRule;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.ToLongFunction;
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

  /** {@link IndexPressure} in this partition. */
  interface Pressure {
    @Nullable ApiError refusal(TableView table, IndexView index, boolean exhausted);
  }

  private final StoreView state;
  private final HybridClock clock;
  private final IntSupplier region;
  private final ToLongFunction<TableView> closed;
  private final ToLongFunction<TableView> forgotten;
  private final TransactionState transactions;
  private final Pressure pressure;

  /**
   * @param region the number of this region
   * @param closed the timestamp that is closed of a table; 0 when none is
   * @param forgotten up to when tombstones of a table may be gone; 0 when all are there
   * @param pressure why a change of a global index is throttled; null when it is not
   */
  Decider(
      StoreView state,
      HybridClock clock,
      IntSupplier region,
      TransactionState transactions,
      ToLongFunction<TableView> closed,
      ToLongFunction<TableView> forgotten,
      Pressure pressure) {
    this.state = state;
    this.clock = clock;
    this.region = region;
    this.transactions = transactions;
    this.closed = closed;
    this.forgotten = forgotten;
    this.pressure = pressure;
  }

  /**
   * What is stored under an item's key, as applied: the item, or in a table of several regions the
   * tombstone that it has left; null when there is neither.
   */
  @Nullable StoredValue stored(TableView table, byte[] row) {
    byte[] value = state.get(Family.ITEMS, row);
    if (value != null) {
      return StoredValue.read(value);
    }
    byte[] tombstone = table.isReplicated() ? state.get(Family.TOMBSTONES, row) : null;
    return tombstone == null ? null : Tombstones.value(tombstone);
  }

  /** The item of what is stored; null when that is a tombstone or nothing. */
  static @Nullable EncodedItem item(@Nullable StoredValue stored) {
    return stored == null || stored.isTombstone() ? null : stored.item();
  }

  /**
   * Decides.
   *
   * @param row the item's key in {@link Family#ITEMS}
   * @param before the value that the write meets, item or tombstone; null when there is none
   */
  Decision decide(TableView table, ItemWrite write, byte[] row, @Nullable StoredValue before) {
    return decide(table, write, row, before, 0);
  }

  /** The timestamp that a change of this item must be above. */
  long floor(TableView table, byte[] row, @Nullable StoredValue before) {
    long floor = closed.applyAsLong(table);
    if (before != null) {
      floor = greater(floor, before.timestamp());
    }
    return item(before) == null ? greater(floor, transactions.deletedBefore(row)) : floor;
  }

  private static long greater(long one, long other) {
    return Long.compareUnsigned(one, other) >= 0 ? one : other;
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
    EncodedItem old = item(before);
    if (write.hasCondition()
        && !CompiledCondition.of(write.getCondition())
            .test(old == null ? EncodedItem.EMPTY : old)) {
      return new Decision.ConditionFailed(old);
    }
    if (write.hasMerge()) {
      return merge(table, write, row, before);
    }
    ItemVersion version =
        new ItemVersion(
            given != 0 ? given : clock.after(floor(table, row, before)), region.getAsInt());
    return switch (write.getActionCase()) {
      case PUT -> {
        EncodedItem item = EncodedItem.wrap(write.getPut());
        yield change(table, write, row, before, item, null, version, version.timestamp());
      }
      case UPDATE -> update(table, write, row, before, version);
      case DELETE -> delete(table, write, row, before, version);
      case MERGE, ACTION_NOT_SET ->
          new Decision.Refused(
              new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "a write without an action", null));
    };
  }

  /**
   * An expired item leaves the tombstone that every region derives from it; see {@link
   * ItemVersion#NO_REGION}.
   */
  private Decision delete(
      TableView table,
      ItemWrite write,
      byte[] row,
      @Nullable StoredValue before,
      ItemVersion version) {
    if (item(before) == null) {
      return new Decision.Nothing(Written.getDefaultInstance());
    }
    ItemVersion left =
        before != null && write.getCause() == ChangeCause.CAUSE_TTL && table.isReplicated()
            ? new ItemVersion(before.timestamp() + 1, ItemVersion.NO_REGION)
            : version;
    return change(table, write, row, before, null, null, left, version.timestamp());
  }

  /** Another region's version: the greater one stays, as it is. */
  private Decision merge(
      TableView table, ItemWrite write, byte[] row, @Nullable StoredValue before) {
    if (!table.isReplicated()) {
      return new Decision.Refused(
          new ApiError(
              ErrorCode.INTERNAL_SERVER_ERROR, "the table is not in several regions", null));
    }
    StoredValue came = StoredValue.read(write.getMerge());
    ItemVersion version = ItemVersion.of(came);
    boolean beaten =
        before == null
            ? isForgotten(table, write, version)
            : version.compareTo(ItemVersion.of(before)) <= 0;
    if (beaten) {
      return new Decision.Nothing(Written.newBuilder().setMerge(MergeOutcome.MERGE_LOST).build());
    }
    if (!clock.observe(new HybridTimestamp(version.timestamp()), HybridClock.REGION_OFFSET_MAX)) {
      return new Decision.Nothing(
          Written.newBuilder().setMerge(MergeOutcome.MERGE_CLOCK_AHEAD).build());
    }
    return change(table, write, row, before, item(came), null, version, clock.nextBits());
  }

  /**
   * Where nothing stands, whether a version from that long ago has been here and was deleted. A
   * sender that knows of no deletion until {@link ItemWrite#getNotDeletedUntil} is believed, but
   * only as long as no tombstone from after that may be gone: so what it sends may be late, and
   * still brings nothing back.
   */
  private boolean isForgotten(TableView table, ItemWrite write, ItemVersion version) {
    long upTo = forgotten.applyAsLong(table);
    return Long.compareUnsigned(version.timestamp(), upTo) <= 0
        && Long.compareUnsigned(write.getNotDeletedUntil(), upTo) < 0;
  }

  private Decision update(
      TableView table,
      ItemWrite write,
      byte[] row,
      @Nullable StoredValue before,
      ItemVersion version) {
    EncodedItem old = item(before);
    EncodedItem base = old == null ? EncodedItem.wrap(write.getUpdate().getKeyAttributes()) : old;
    UpdateResult result = CompiledUpdate.of(write.getUpdate().getUpdate()).apply(base);
    return switch (result) {
      case UpdateResult.Refused(ApiError error) -> new Decision.Refused(error);
      case UpdateResult.Updated updated -> {
        EncodedItem item = updated.item();
        ApiError refusal = UpdateChecks.afterEvaluation(table, write.getUpdate().getUpdate(), item);
        if (refusal != null) {
          yield new Decision.Refused(refusal);
        }
        yield change(table, write, row, before, item, updated, version, version.timestamp());
      }
    };
  }

  /**
   * @param version of the item or of the tombstone
   * @param madeAt when this region makes the change; above the version's timestamp, or that itself
   */
  private Decision change(
      TableView table,
      ItemWrite write,
      byte[] row,
      @Nullable StoredValue before,
      @Nullable EncodedItem item,
      UpdateResult.@Nullable Updated updated,
      ItemVersion version,
      long madeAt) {
    long timestamp = version.timestamp();
    EncodedItem old = item(before);
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
      effect.setValue(StoredValue.of(item, timestamp, version.region()).toByteString());
    }
    if (table.isReplicated()) {
      noteDeletion(before, item, version, madeAt, effect);
      effect.setMerged(write.hasMerge());
    }
    Written.Builder written =
        Written.newBuilder().setOldSize(oldSize).setNewSize(newSize).setTimestamp(timestamp);
    List<IndexView> indexes = table.localIndexes();
    if (!indexes.isEmpty()) {
      long growth = (long) newSize - oldSize;
      for (int i = 0; i < indexes.size(); i++) {
        growth +=
            LocalIndexRows.add(
                indexes.get(i), key, old, item, timestamp, version.region(), effect, written);
      }
      int collectionLength = StoreKeys.TOKEN + key.getPartitionKey().size();
      effect.setCollectionKeyLength(collectionLength);
      long size = collectionSize(table, effect.getKey().substring(0, collectionLength)) + growth;
      if (growth > 0 && size > COLLECTION_SIZE_MAX && !write.hasMerge()) {
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
    if (write.hasMerge()) {
      written.setMerge(MergeOutcome.MERGE_TAKEN);
    }
    CaptureRule rule = table.capture();
    int localChanges = written.getIndexChangesCount();
    if (rule.captures()) {
      boolean forRegions = rule.forRegions() && !write.hasMerge();
      boolean changed = !unchanged(old, item);
      ApiError throttled = changed ? changeIndexes(table, write, old, item, written) : null;
      if (throttled != null) {
        return new Decision.Refused(throttled);
      }
      boolean seen =
          changed
              && (table.descriptor().getStreamEnabled()
                  || written.getIndexChangesCount() > localChanges);
      if (seen || forRegions) {
        effect.setCapture(
            capture(rule, seen ? table.streamId() : 0, write, old == null ? null : before)
                .setForRegions(forRegions));
      }
    }
    return new Decision.Change(effect.build(), written.build());
  }

  private static void noteDeletion(
      @Nullable StoredValue before,
      @Nullable EncodedItem item,
      ItemVersion version,
      long madeAt,
      ItemEffect.Builder effect) {
    if (item == null) {
      effect
          .setTombstone(StoredValue.tombstone(version.timestamp(), version.region()).toByteString())
          .setDeletedAt(madeAt);
    } else if (before != null && before.isTombstone()) {
      effect.setClearsTombstone(true);
    }
  }

  /**
   * Notes what global indexes will do; they are readers of the change log.
   *
   * @return why the write is throttled, when one of them cannot take it; else null
   */
  private @Nullable ApiError changeIndexes(
      TableView table,
      ItemWrite write,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      Written.Builder written) {
    List<IndexView> indexes = table.globalIndexes();
    for (int i = 0; i < indexes.size(); i++) {
      if (GlobalIndexChanges.add(indexes.get(i), old, item, written)) {
        boolean exhausted = write.getThrottledIndexIdsList().contains(indexes.get(i).id());
        ApiError throttled = pressure.refusal(table, indexes.get(i), exhausted);
        if (throttled != null) {
          return throttled;
        }
      }
    }
    return null;
  }

  /**
   * A write that leaves the item as it was is no change to streams and indexes. Other regions must
   * hear of it all the same: its version is greater, and decides.
   */
  private static boolean unchanged(@Nullable EncodedItem old, @Nullable EncodedItem item) {
    return old == null ? item == null : item != null && old.contentEquals(item);
  }

  /**
   * @param before the item that is replaced; null when there is none
   */
  private static ChangeCapture.Builder capture(
      CaptureRule rule, long streamId, ItemWrite write, @Nullable StoredValue before) {
    ChangeCapture.Builder capture =
        ChangeCapture.newBuilder()
            .setNewImage(rule.newImage())
            .setReplaces(before != null)
            .setStreamId(streamId)
            .setCause(write.hasMerge() ? ChangeCause.CAUSE_REPLICATION : write.getCause());
    if (rule.oldImage() && before != null) {
      capture.setOldValue(before.toByteString());
    }
    return capture;
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
