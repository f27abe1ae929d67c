package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.StoreKeys;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ChangeCapture;
import io.equator.proto.ChangeCause;
import io.equator.proto.Effect;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemWrite;
import io.equator.proto.LockItems;
import io.equator.proto.MergeOutcome;
import io.equator.proto.PartitionEntry;
import io.equator.proto.ReplicationCursor;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The planted bugs: what they change in entries of the log, in answers, in the store. */
final class RegionFaults {
  private RegionFaults() {}

  // ---- in the log

  static ByteString rewrite(SimulatedRegion region, Set<RegionBug> bugs, ByteString bytes) {
    PartitionEntry.Builder entry;
    try {
      entry = PartitionEntry.parseFrom(bytes).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < entry.getEffectsCount(); i++) {
      Effect effect = entry.getEffects(i);
      if (effect.hasItem() && effect.getItem().getTableId() == SimulatedRegion.TABLE) {
        entry.setEffects(
            i, effect.toBuilder().setItem(rewrite(region, bugs, effect.getItem())).build());
      } else if (effect.hasLockItems() && bugs.contains(RegionBug.CLOSE_OVER_LOCKS)) {
        entry.setEffects(
            i, effect.toBuilder().setLockItems(unnoticed(effect.getLockItems())).build());
      }
    }
    return entry.build().toByteString();
  }

  private static LockItems unnoticed(LockItems locks) {
    LockItems.Builder changed = locks.toBuilder();
    for (int i = 0; i < locks.getLocksCount(); i++) {
      changed
          .getLocksBuilder(i)
          .setEffect(
              locks.getLocks(i).getEffect().toBuilder().setTimestamp(0).setMerged(true).build());
    }
    return changed.build();
  }

  private static ItemEffect rewrite(
      SimulatedRegion region, Set<RegionBug> bugs, ItemEffect effect) {
    ItemEffect.Builder changed = effect.toBuilder();
    for (RegionBug bug : bugs) {
      switch (bug) {
        case SHIP_FOREIGN_CHANGES -> {
          if (effect.getMerged()) {
            changed.setCapture(ChangeCapture.newBuilder().setNewImage(true).setForRegions(true));
          }
        }
        case EXPIRE_BY_NOW -> {
          if (effect.getCapture().getCause() == ChangeCause.CAUSE_TTL) {
            changed.setTombstone(
                StoredValue.tombstone(effect.getDeletedAt(), region.number).toByteString());
          }
        }
        case WRITE_BELOW_WHAT_IS_THERE -> {
          if (!effect.getMerged()) {
            rewind(region, changed);
          }
        }
        case FORGET_UNCHANGED_ITEMS -> {
          if (effect.getCapture().getForRegions() && isUnchanged(region, effect)) {
            changed.clearCapture();
          }
        }
        default -> {}
      }
    }
    return changed.build();
  }

  private static void rewind(SimulatedRegion region, ItemEffect.Builder effect) {
    long now = HybridTimestamp.of(region.millis(), 0).bits();
    effect.setTimestamp(now);
    if (effect.hasValue()) {
      StoredValue value = StoredValue.read(effect.getValue());
      effect.setValue(StoredValue.of(value.item(), now, value.originRegion()).toByteString());
    } else if (effect.hasTombstone()) {
      effect.setTombstone(StoredValue.tombstone(now, region.number).toByteString());
    }
  }

  private static boolean isUnchanged(SimulatedRegion region, ItemEffect effect) {
    byte[] before =
        region.store().get(Family.ITEMS, StoreKeys.row(SimulatedRegion.TABLE, 0, effect.getKey()));
    return before != null
        && effect.hasValue()
        && StoredValue.read(before)
            .item()
            .contentEquals(StoredValue.read(effect.getValue()).item());
  }

  /** After an entry is applied. */
  static void afterApplying(SimulatedRegion region, Set<RegionBug> bugs) {
    if (bugs.contains(RegionBug.KEEP_NO_TOMBSTONES)) {
      try (RowBatch batch = region.store().newBatch()) {
        region
            .store()
            .all(Family.TOMBSTONES)
            .keySet()
            .forEach(key -> batch.delete(Family.TOMBSTONES, key));
        region.store().commit(batch);
      }
    }
  }

  // ---- in lanes

  static CatalogSnapshot catalogOfLanes(SimulatedRegion region, Set<RegionBug> bugs) {
    CatalogSnapshot catalog = region.catalog();
    Optional<TableView> table = region.table();
    if (!bugs.contains(RegionBug.LEAVE_IT_TO_WHO_JOINS_AGAIN) || table.isEmpty()) {
      return catalog;
    }
    TableDescriptor.Builder changed = table.get().descriptor().toBuilder();
    changed
        .getReplicationBuilder()
        .getTargetsBuilderList()
        .forEach(ReplicationTarget.Builder::clearJoinedAgain);
    return catalog.with(
        CatalogEvent.newBuilder()
            .setRevision(region.revision() + 1)
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey(CatalogKeys.table(changed.getName()))
                    .setVersion(region.revision() + 1)
                    .setTable(changed))
            .build());
  }

  // ---- in the inbox

  /** What is answered before anything is written; empty when that waits. */
  static Optional<Routed<WriteResults>> arriving(
      SimulatedRegion region, Set<RegionBug> bugs, Plan<WriteRequest.Builder> plan) {
    if (bugs.isEmpty()) {
      return Optional.empty();
    }
    Bound<WriteRequest.Builder> bound = plan.bind(region.catalog());
    if (bound == null || !bound.request().getWrites(0).hasMerge()) {
      return Optional.empty();
    }
    if (bugs.contains(RegionBug.COMPARE_BY_ARRIVAL)) {
      try (RowBatch batch = region.store().newBatch()) {
        for (ItemWrite write : bound.request().getWritesList()) {
          byte[] row = StoreKeys.item(SimulatedRegion.TABLE, write.getKey());
          batch.delete(Family.ITEMS, row);
          batch.delete(Family.TOMBSTONES, row);
        }
        region.store().commit(batch);
      }
    }
    if (!bugs.contains(RegionBug.ACKNOWLEDGE_BEFORE_DURABLE)) {
      return Optional.empty();
    }
    WriteResults.Builder results = WriteResults.newBuilder();
    for (int i = 0; i < bound.request().getWritesCount(); i++) {
      results.addResults(
          WriteResult.newBuilder()
              .setWritten(Written.newBuilder().setMerge(MergeOutcome.MERGE_TAKEN)));
    }
    return Optional.of(new Routed.Answer<>(results.build()));
  }

  static CompletableFuture<ReplicationCursorResponse> cursor(
      SimulatedRegion from,
      RegionsRun run,
      long asking,
      SimulatedRegion to,
      ReplicationCursorRequest request) {
    CompletableFuture<ReplicationCursorResponse> answer = to.inbox().cursor(request);
    if (run.has(RegionBug.HALVES_DO_NOT_WAIT) && request.getSource().getPartitionId() != asking) {
      return answer.thenApply(
          right ->
              right.getRefusedValue() != 0 ? right : walkedTo(ChangePosition.ofEntry(1L << 40)));
    }
    return run.has(RegionBug.TRUST_A_STALE_CURSOR)
        ? answer.thenApply(
            right ->
                right.hasCursor() || right.getRefusedValue() != 0
                    ? right
                    : walkedTo(ChangePosition.ofEntry(from.lastIndex(asking) + 1)))
        : answer;
  }

  private static ReplicationCursorResponse walkedTo(ChangePosition place) {
    return ReplicationCursorResponse.newBuilder()
        .setCursor(
            ReplicationCursor.newBuilder().setWalk(1).setWalked(true).setLogIndex(place.index()))
        .build();
  }
}
